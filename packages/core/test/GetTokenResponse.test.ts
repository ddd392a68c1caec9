import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { GetTokenResponse } from "@plex-auth/core"
import { DateTime, Duration, Either, FastCheck, Option, Record, Redacted, Schema } from "effect"
import { drift, location, readPin, readPinExtras } from "./samples.js"
import { anyJson, assertNotPrinted, deepJson, printed, utc } from "./support.js"

const decode = Schema.decodeUnknownEither(GetTokenResponse)

const decoded = (json: unknown) => Either.getOrThrowWith(decode(json), (error) => error)

const token = (answer: GetTokenResponse) => Option.map(answer.authToken, Redacted.value)

const minimal = { id: 1272322473, authToken: "TOK" }

const wholeSeconds = (duration: Duration.Duration) => Duration.seconds(Math.floor(Duration.toSeconds(duration)))

const extras = Record.keys(readPinExtras)

describe("a full answer", () => {
  it("all twelve fields are there to be read", () => {
    const answer = decoded({ ...readPin, authToken: "TOK", newRegistration: true })
    strictEqual(answer.id, "1272322473")
    assertEquals(answer.code, Option.some(Redacted.make("AB12")))
    assertEquals(answer.product, Option.some("My Cool App"))
    assertEquals(answer.trusted, Option.some(false))
    assertEquals(answer.qr, Option.some(Redacted.make("https://plex.tv/api/v2/pins/qr/AB12")))
    assertEquals(answer.clientIdentifier, Option.some("Postman"))
    assertEquals(answer.expiresIn, Option.some(Duration.minutes(30)))
    assertEquals(answer.createdAt, Option.some(utc(Date.UTC(2023, 3, 12, 17, 0, 3))))
    assertEquals(answer.expiresAt, Option.some(utc(Date.UTC(2023, 3, 12, 17, 30, 3))))
    assertEquals(token(answer), Option.some("TOK"))
    assertEquals(answer.newRegistration, Option.some(true))
    const where = Redacted.value(Option.getOrThrow(answer.location))
    assertEquals(where.city, Option.some("Austin"))
    assertEquals(where.coordinates, Option.some("30.3768, -97.8935"))
    strictEqual(Object.keys(GetTokenResponse.fields).length, 12)
  })

  it.prop("decodes to itself after it was encoded", [GetTokenResponse], ([made]) => {
    const expiresIn = Option.map(Option.filter(made.expiresIn, Duration.isFinite), wholeSeconds)
    const answer = new GetTokenResponse({ ...made, expiresIn })
    const encoded = Schema.encodeSync(GetTokenResponse)(answer)
    assertEquals(Schema.decodeSync(GetTokenResponse)(encoded), answer)
  })

  it("threat 14: case 40: print shows neither the id, nor the code, nor the place, nor the token", () => {
    const answer = decoded({
      ...readPin,
      code: "CANARYCODE",
      qr: "https://plex.tv/CANARYCODE",
      authToken: "CANARYTOKEN"
    })
    for (const value of [answer, { answer }, Option.some(answer)]) {
      assertNotPrinted(value, "1272322473", "CANARY", "Austin", "78732", "30.3768", "United States")
    }
    assertTrue(printed(answer).includes("My Cool App"))
  })
})

describe("authToken", () => {
  it.each([null, ""])("case 17: %j is not yet", (authToken) => {
    assertEquals(decoded({ ...readPin, authToken }).authToken, Option.none())
  })

  it("case 17: absent is not yet", () => {
    assertEquals(decoded({ id: 1 }).authToken, Option.none())
    assertEquals(decoded({ id: 1, authToken: undefined }).authToken, Option.none())
  })

  it("is the token once it is there", () => {
    assertEquals(token(decoded({ ...readPin, authToken: "xxxxxxxxxxxxxxxxxxxx" })), Option.some("xxxxxxxxxxxxxxxxxxxx"))
  })

  it.each(
    [
      ...[12345, 0, true, false, {}, [], ["T"], { token: "T" }, { length: 1 }],
      ...["a b", " ", "T\r\nX-Evil: 1", "T\n", "T\0", "Café", "x".repeat(8193)]
    ].map((authToken) => ({ authToken }))
  )("case 17: $authToken is malformed, never a success", ({ authToken }) => {
    const answer = decode({ ...readPin, authToken })
    assertTrue(Either.isLeft(answer))
    assertTrue(answer.left.message.includes("authToken"))
  })

  it.prop("case 17: of any JSON it is a token, not yet, or an error", [anyJson], ([authToken]) => {
    const answer = decode({ id: 1, authToken })
    const read = Option.map(Either.getRight(answer), token)
    if (authToken === null || authToken === "") assertEquals(read, Option.some(Option.none()))
    else if (typeof authToken === "string" && /^[!-~]+$/.test(authToken)) {
      assertEquals(read, Option.some(Option.some(authToken)))
    } else assertEquals(read, Option.none())
  })

  it.each([["CANARY TOKEN"], [["CANARY"]], [{ token: "CANARY" }]])(
    "case 40: threat 4: the error's text does not quote %j",
    (authToken) => {
      const answer = decode({ id: 1, authToken })
      assertTrue(Either.isLeft(answer))
      assertNotPrinted(answer.left, "CANARY")
    }
  )
})

describe("id", () => {
  it.each(["1272322473", 1272322473])("case 16: %j is accepted", (id) => {
    strictEqual(decoded({ id }).id, "1272322473")
  })

  it.each([-1, 1.5, 1e21, "../users", {}, [], null, "", true, " 1"].map((id) => ({ id })))(
    "case 16: $id makes the answer malformed",
    ({ id }) => {
      assertTrue(Either.isLeft(decode({ ...readPin, id })))
    }
  )

  it("case 16: so does none", () => {
    assertTrue(Either.isLeft(decode({ ...minimal, id: undefined })))
    assertTrue(Either.isLeft(decode({ authToken: "TOK" })))
  })
})

describe("case 10: what is no PIN is never a success", () => {
  it.each([null, [], "x", 1, true, "", {}, [minimal], undefined].map((json) => ({ json })))("$json", ({ json }) => {
    assertTrue(Either.isLeft(decode(json)))
  })
})

describe("every field that a result does not need may drift", () => {
  it.each(extras)("%s may be missing", (field) => {
    const answer = decoded({ ...readPin, ...minimal, [field]: undefined })
    assertEquals(answer[field], Option.none())
    assertEquals(token(answer), Option.some("TOK"))
    assertEquals(decoded(Record.remove({ ...readPin, ...minimal }, field))[field], Option.none())
  })

  it.each(extras.flatMap((field) => drift.map((value) => ({ field, value }))))("$field: $value", ({ field, value }) => {
    const answer = decoded({ ...readPin, ...minimal, [field]: value })
    strictEqual(answer.id, "1272322473")
    assertEquals(token(answer), Option.some("TOK"))
    assertTrue(Option.isOption(answer[field]))
    if (value === null) assertEquals(answer[field], Option.none())
  })

  it("what can't be read is None, not the wrong value", () => {
    const answer = decoded({
      id: 1,
      ...{ code: 1234, product: 7, trusted: "maybe", qr: null, clientIdentifier: {}, expiresIn: "NaN", createdAt: 0 },
      ...{ expiresAt: "soon", location: [], newRegistration: 2 }
    })
    for (const field of extras) assertEquals(answer[field], Option.none())
  })

  it.prop(
    "any JSON in any of them",
    [
      FastCheck.record(
        Record.map(readPinExtras, () => anyJson),
        { requiredKeys: [] }
      )
    ],
    ([fields]) => {
      const answer = decoded({ ...minimal, ...fields })
      strictEqual(answer.id, "1272322473")
      assertEquals(token(answer), Option.some("TOK"))
      for (const field of extras) {
        assertTrue(Option.isOption(answer[field]))
        if (fields[field] === undefined || fields[field] === null) assertEquals(answer[field], Option.none())
      }
    }
  )

  it.prop(
    "case 12: any further member, here and in location",
    [FastCheck.dictionary(FastCheck.string(), anyJson)],
    ([more]) => {
      const answer = decoded({ ...more, ...readPin, ...minimal, location: { ...more, ...location } })
      deepStrictEqual(Object.keys(answer).sort(), Object.keys(GetTokenResponse.fields).sort())
      assertEquals(token(answer), Option.some("TOK"))
      assertEquals(Redacted.value(Option.getOrThrow(answer.location)).city, Option.some("Austin"))
    }
  )

  it.each([undefined, null, [], "", 1, true, "x"].map((value) => ({ value })))(
    "case 13: location $value",
    ({ value }) => {
      const answer = decoded({ ...readPin, ...minimal, location: value })
      assertEquals(answer.location, Option.none())
      assertEquals(token(answer), Option.some("TOK"))
    }
  )

  it.each(Record.keys(location))("case 13: location without %s", (member) => {
    const answer = decoded({ ...readPin, ...minimal, location: Record.remove(location, member) })
    const where = Redacted.value(Option.getOrThrow(answer.location))
    assertEquals<unknown>(where[member], Option.none())
    assertTrue(Record.keys(location).every((other) => other === member || where[other]._tag === "Some"))
  })

  it("case 15: values of another type that Plex has sent are read all the same", () => {
    const json = { ...minimal, trusted: "0", expiresIn: "1800", createdAt: 0, newRegistration: "true", qr: null }
    const answer = decoded(json)
    assertEquals(token(answer), Option.some("TOK"))
    assertEquals(answer.trusted, Option.some(false))
    assertEquals(answer.expiresIn, Option.some(Duration.minutes(30)))
    assertEquals(answer.createdAt, Option.none())
    assertEquals(answer.newRegistration, Option.some(true))
    assertEquals(answer.qr, Option.none())
  })

  it("case 15: truth in each of its forms", () => {
    for (const no of [false, 0, "0", "false"]) assertEquals(decoded({ id: 1, trusted: no }).trusted, Option.some(false))
    for (const yes of [true, 1, "1", "true"]) assertEquals(decoded({ id: 1, trusted: yes }).trusted, Option.some(true))
    for (const neither of ["yes", "", 2, null, []])
      assertEquals(decoded({ id: 1, trusted: neither }).trusted, Option.none())
  })
})

describe("expiresIn and the dates", () => {
  it("case 21: expiresIn is a number of seconds, or None where it is none", () => {
    const read = (expiresIn: unknown) => decoded({ id: 1, expiresIn }).expiresIn
    assertEquals(read(900), Option.some(Duration.minutes(15)))
    assertEquals(read("900"), Option.some(Duration.minutes(15)))
    assertEquals(read(0.5), Option.some(Duration.millis(500)))
    assertEquals(read(0), Option.some(Duration.zero))
    for (const none of [-1, "-1", "NaN", Number.NaN, Number.POSITIVE_INFINITY, "1e3", " 900", "", true, [900]]) {
      assertEquals(read(none), Option.none())
    }
  })

  it("both forms of a date are the same moment", () => {
    const read = (createdAt: unknown) => Option.map(decoded({ id: 1, createdAt }).createdAt, DateTime.formatIso)
    const iso = Option.some("2023-04-12T17:00:03.000Z")
    for (const text of ["2023-04-12T17:00:03Z", "2023-04-12 17:00:03 +0000 UTC", "2023-04-12T19:00:03+02:00"]) {
      assertEquals(read(text), iso)
    }
    for (const none of ["", "soon", "2023-13-45T00:00:00Z", 1681318803, null, {}])
      assertEquals(read(none), Option.none())
  })

  const dateLike = FastCheck.oneof(
    FastCheck.string(),
    FastCheck.string({ unit: FastCheck.constantFrom(..."0123456789-:TZ +.UC"), maxLength: 30 })
  )

  it.prop("no text makes a date that can't be used", [dateLike], ([text]) => {
    for (const date of [decoded({ id: 1, createdAt: text }).createdAt, decoded({ id: 1, expiresAt: text }).expiresAt]) {
      if (Option.isSome(date)) assertTrue(Number.isFinite(DateTime.toEpochMillis(date.value)))
    }
  })
})

describe("hostile JSON", () => {
  const hostile = (rest: string) =>
    decoded(
      JSON.parse(
        `{"id":1,${rest}"__proto__":{"authToken":"EVIL"},"constructor":{"prototype":{"x":1,"authToken":"EVIL"}}}`
      )
    )

  it.each(["", '"authToken":null,'])("case 29: threat 9: prototype keys are no token (%s)", (authToken) => {
    const answer = hostile(authToken)
    assertEquals(answer.authToken, Option.none())
    const plain: Record<string, unknown> = {}
    strictEqual(plain["x"], undefined)
    strictEqual(plain["authToken"], undefined)
    strictEqual(Object.getPrototypeOf(answer), GetTokenResponse.prototype)
  })

  const depth = 100_000

  it.each(["unknown", ...extras])("threat 8: %s may be nested deep", (field) => {
    const answer = decoded({ ...readPin, ...minimal, [field]: deepJson(depth) })
    assertEquals(token(answer), Option.some("TOK"))
  })

  it.each(["id", "authToken"])("threat 8: %s that is nested deep is an error that can be read", (field) => {
    const answer = decode({ ...readPin, [field]: deepJson(depth) })
    assertTrue(Either.isLeft(answer))
    assertTrue(answer.left.message.includes(field))
  })
})
