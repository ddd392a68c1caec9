import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, strictEqual } from "@effect/vitest/utils"
import { AccessToken } from "@plex-auth/core"
import { Either, FastCheck, Redacted, Schema } from "effect"
import { assertNotPrinted, printed } from "./support.js"

const decode = Schema.decodeUnknownEither(AccessToken)

const canary = FastCheck.stringMatching(/^CANARY[!-~]{0,40}$/)

describe("AccessToken", () => {
  it("takes what may stand in a header: a legacy token and a JWT", () => {
    for (const text of ["xxxxxxxxxxxxxxxxxxxx", "eyJhbGciOiJFZERTQSJ9.eyJ1IjoxfQ.c2ln-_", "x", "x".repeat(8192)]) {
      strictEqual(Redacted.value(Either.getOrThrow(decode(text))), text)
    }
  })

  it("case 17: refuses everything else", () => {
    const hostile = ["", " ", "a b", "T\r\nX-Evil: 1", "T\n", "\0", "\u007f", "Café", "🎬", "x".repeat(8193)]
    for (const value of [...hostile, 12345, true, null, undefined, {}, [], ["T"]]) {
      assertTrue(Either.isLeft(decode(value)), JSON.stringify(value))
    }
  })

  it.prop("encodes to the plain string, and is equal to what it decodes to again", [AccessToken], ([token]) => {
    const plain = Schema.encodeSync(AccessToken)(token)
    strictEqual(plain, Redacted.value(token))
    assertEquals(Either.getOrThrow(decode(plain)), token)
  })

  it("two tokens are equal by what they are", () => {
    assertEquals(Either.getOrThrow(decode("a")), Either.getOrThrow(decode("a")))
    assertTrue(!Redacted.getEquivalence(Object.is)(Either.getOrThrow(decode("a")), Either.getOrThrow(decode("b"))))
  })

  it.prop("case 40: threat 4: never shows", [canary], ([text]) => {
    const token = Either.getOrThrow(decode(text))
    for (const value of [token, { token }, [token], new Map([["token", token]])]) assertNotPrinted(value, "CANARY")
    assertTrue(printed(token).includes("<redacted>"))
  })

  it.prop(
    "case 40: threat 4: the error of a bad one does not quote it",
    [canary, FastCheck.constantFrom(" ", "\n", "é", "\0")],
    ([text, bad]) => {
      for (const value of [text + bad, bad + text, [text], { text }]) {
        const decoded = decode(value)
        assertTrue(Either.isLeft(decoded))
        assertNotPrinted(decoded.left, "CANARY")
        assertTrue(decoded.left.message.includes("must be a string of 1 to 8192 visible ASCII characters"))
      }
    }
  )

  it.prop("case 40: threat 4: nor does the error of one that was redacted unjudged", [canary], ([text]) => {
    const unjudged: unknown = Redacted.make(`${text} `)
    const encoded = Schema.encodeUnknownEither(AccessToken)(unjudged)
    assertTrue(Either.isLeft(encoded))
    assertNotPrinted(encoded.left, "CANARY")
  })
})
