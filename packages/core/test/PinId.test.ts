import { describe, it } from "@effect/vitest"
import { assertTrue, strictEqual } from "@effect/vitest/utils"
import { PinId } from "@plex-auth/core"
import { Either, FastCheck, Schema } from "effect"
import { anyJson, assertNotPrinted } from "./support.js"

const decode = Schema.decodeUnknownEither(PinId)

describe("PinId", () => {
  it.prop("case 16: a number and a string of its digits are the same id", [FastCheck.maxSafeNat()], ([id]) => {
    strictEqual(Either.getOrThrow(decode(id)), String(id))
    strictEqual(Either.getOrThrow(decode(String(id))), String(id))
  })

  it("takes up to 20 digits, zeros in front included", () => {
    strictEqual(Either.getOrThrow(decode("00000000000000000001")), "00000000000000000001")
    assertTrue(Either.isLeft(decode("000000000000000000001")))
  })

  it("refuses numbers that are no whole number or not exact", () => {
    for (const id of [-1, 1.5, 1e21, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, -0.5]) {
      assertTrue(Either.isLeft(decode(id)), String(id))
    }
  })

  it.prop("case 35: whatever decodes is digits and nothing else", [anyJson], ([value]) => {
    const decoded = decode(value)
    if (Either.isRight(decoded)) assertTrue(/^[0-9]{1,20}$/.test(decoded.right))
    else strictEqual(decoded.left.message.includes("must be 1 to 20 decimal digits"), true)
  })

  it.prop("the error says the rule, not the value", [FastCheck.string()], ([text]) => {
    const decoded = decode(`CANARY${text}`)
    assertTrue(Either.isLeft(decoded))
    assertNotPrinted(decoded.left, "CANARY")
  })

  it.prop("every id that the schema makes up encodes to itself", [PinId], ([id]) => {
    strictEqual(Schema.encodeSync(PinId)(id), id)
    strictEqual(Either.getOrThrow(decode(id)), id)
  })
})
