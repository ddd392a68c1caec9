import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, strictEqual } from "@effect/vitest/utils"
import { CreatePinResponse } from "@plex-auth/core"
import { Duration, Either, FastCheck, Option, Record, Redacted, Schema } from "effect"
import { createdPin, drift, pinExtras } from "./samples.js"
import { anyJson, assertNotPrinted, deepJson } from "./support.js"

const decode = Schema.decodeUnknownEither(CreatePinResponse)

const decoded = (json: unknown) => Either.getOrThrowWith(decode(json), (error) => error)

const extras = Record.keys(pinExtras)

describe("CreatePinResponse", () => {
  it("all of a full answer is there to be read", () => {
    const answer = decoded(createdPin)
    strictEqual(answer.id, "1272322473")
    assertEquals(answer.code, Redacted.make("AB12"))
    assertEquals(answer.product, Option.some("My Cool App"))
    assertEquals(answer.trusted, Option.some(false))
    assertEquals(answer.qr, Option.some(Redacted.make("https://plex.tv/api/v2/pins/qr/AB12")))
    assertEquals(answer.clientIdentifier, Option.some("Postman"))
    assertEquals(answer.expiresIn, Option.some(Duration.minutes(30)))
    assertTrue(Option.isSome(answer.createdAt) && Option.isSome(answer.expiresAt))
  })

  it("case 16: an id that is a string is accepted", () => {
    strictEqual(decoded({ ...createdPin, id: "1272322473" }).id, "1272322473")
  })

  it.each([undefined, null, -1, 1.5, 1e21, "../users", {}, [], "", true].map((id) => ({ id })))(
    "case 16: id $id makes the answer malformed",
    ({ id }) => {
      assertTrue(Either.isLeft(decode({ ...createdPin, id })))
    }
  )

  it.each([undefined, null, "", 1234, {}, [], true, "A B", "A\nB", "Café", "x".repeat(256)].map((code) => ({ code })))(
    "case 16: code $code makes the answer malformed",
    ({ code }) => {
      assertTrue(Either.isLeft(decode({ ...createdPin, code })))
    }
  )

  it("case 16: so does an answer without id or code", () => {
    assertTrue(Either.isLeft(decode({ code: "AB12" })))
    assertTrue(Either.isLeft(decode({ id: 1 })))
    for (const json of [null, [], "x", 1, true, {}]) assertTrue(Either.isLeft(decode(json)))
  })

  it.each(extras.flatMap((field) => [undefined, ...drift].map((value) => ({ field, value }))))(
    "case 15: $field: $value does not matter",
    ({ field, value }) => {
      const answer = decoded({ ...createdPin, [field]: value })
      assertEquals(answer.code, Redacted.make("AB12"))
      if (value === undefined || value === null) assertEquals(answer[field], Option.none())
    }
  )

  it.prop(
    "any JSON in any field but id and code",
    [
      FastCheck.record(
        Record.map(pinExtras, () => anyJson),
        { requiredKeys: [] }
      ),
      FastCheck.dictionary(FastCheck.string(), anyJson)
    ],
    ([fields, more]) => {
      const answer = decoded({ ...more, ...fields, id: 1, code: "AB12" })
      for (const field of extras) assertTrue(Option.isOption(answer[field]))
    }
  )

  it("threat 9: prototype keys are no fields", () => {
    assertTrue(Either.isLeft(decode(JSON.parse('{"id":1,"__proto__":{"code":"EVIL"}}'))))
  })

  it.each(["unknown", ...extras])("threat 8: %s may be nested deep", (field) => {
    strictEqual(decoded({ ...createdPin, [field]: deepJson(100_000) }).id, "1272322473")
  })

  it.each(["id", "code"])("threat 8: %s that is nested deep is an error that can be read", (field) => {
    const answer = decode({ ...createdPin, [field]: deepJson(100_000) })
    assertTrue(Either.isLeft(answer))
    assertTrue(answer.left.message.includes(field))
  })

  it("case 40: print shows neither the id nor the code", () => {
    const qr = "https://plex.tv/api/v2/pins/qr/CANARY"
    assertNotPrinted(decoded({ ...createdPin, code: "CANARY", qr }), "CANARY", "1272322473")
  })

  it.each(["CANARY CODE", ["CANARY"], { code: "CANARY" }].map((code) => ({ code })))(
    "case 40: nor does the error of a bad code quote it: $code",
    ({ code }) => {
      const answer = decode({ id: 1, code })
      assertTrue(Either.isLeft(answer))
      assertNotPrinted(answer.left, "CANARY")
    }
  )
})
