import { describe, it } from "@effect/vitest"
import { assertTrue, strictEqual } from "@effect/vitest/utils"
import { ClientIdentifier } from "@plex-auth/core"
import { Either, FastCheck, Schema } from "effect"
import { assertNotPrinted } from "./support.js"

const decode = Schema.decodeUnknownEither(ClientIdentifier)

describe("ClientIdentifier", () => {
  it("takes the seed's example, a UUID, and every visible ASCII character", () => {
    const visible = Array.from({ length: 0x7e - 0x21 + 1 }, (_, i) => String.fromCharCode(0x21 + i)).join("")
    for (const text of ["Postman", "9f0f1c0e-6f7e-4a3e-8f2e-0c1f5b7f3f1d", visible, "x".repeat(255)]) {
      strictEqual(Either.getOrThrow(decode(text)), text)
    }
  })

  it("case 36: refuses what may not stand in a header, is empty or too long", () => {
    const hostile = ["", " ", "a b", "a\r\nX-Evil: 1", "a\n", "\0", "a\u007f", "a\u2028", "Café", "🎬", "x".repeat(256)]
    for (const text of [...hostile, "x".repeat(10_240)]) assertTrue(Either.isLeft(decode(text)), JSON.stringify(text))
  })

  it.prop("threat 11: whatever decodes may stand in a header", [FastCheck.string({ unit: "binary" })], ([text]) => {
    strictEqual(Either.isRight(decode(text)), /^[!-~]{1,255}$/.test(text))
  })

  it.prop("the error says the rule, not the value", [FastCheck.string()], ([text]) => {
    const decoded = decode(`CANARY ${text}`)
    assertTrue(Either.isLeft(decoded))
    assertNotPrinted(decoded.left, "CANARY")
    strictEqual(decoded.left.message.includes("must be 1 to 255 visible ASCII characters"), true)
  })

  it.prop("every identifier that the schema makes up is a valid one", [ClientIdentifier], ([identifier]) => {
    strictEqual(Either.getOrThrow(decode(identifier)), identifier)
  })
})
