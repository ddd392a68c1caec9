import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { GetTokenRequest, InvalidRequest, PlexAuth, PlexAuthTest } from "@plex-auth/core"
import { Arbitrary, Effect, Either, FastCheck, JSONSchema, Schema } from "effect"
import { anyJson, assertNotPrinted, deepJson, printed, untypedInput } from "./support.js"

const pinIDRule = "must be 1 to 20 decimal digits"
const identifierRule = "must be 1 to 255 visible ASCII characters, without spaces"

/** The requests that are sent for an input, and what came of it. */
const sent = (input: GetTokenRequest.Input) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const result = yield* Effect.either(plex.getToken(input))
    const requests = (yield* PlexAuthTest.requests).map((recorded) => {
      assertTrue(recorded.operation === "getToken")
      return recorded.request
    })
    return { result, requests }
  }).pipe(Effect.provide(PlexAuthTest.layer({ getToken: PlexAuthTest.pending() })), Effect.runSync)

/** The error of a request that has to fail before anything is sent. */
const refused = (input: GetTokenRequest.Input): InvalidRequest => {
  const { requests, result } = sent(input)
  deepStrictEqual(requests, [])
  assertTrue(Either.isLeft(result))
  assertInstanceOf(result.left, InvalidRequest)
  strictEqual(result.left.request, "GetTokenRequest")
  return result.left
}

describe("GetTokenRequest is true to the seed", () => {
  const jsonSchema = Schema.decodeUnknownSync(
    Schema.Struct({
      $defs: Schema.Struct({
        GetTokenRequest: Schema.Struct({
          required: Schema.Array(Schema.String),
          properties: Schema.Struct({
            pinID: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
            xPlexClientIdentifier: Schema.Record({ key: Schema.String, value: Schema.Unknown })
          })
        })
      })
    })
  )(JSONSchema.make(GetTokenRequest)).$defs.GetTokenRequest

  const identifierDescription =
    "The unique identifier for the client application. This is used to track the client application and its usage " +
    "(UUID, serial number, or other number unique per device)"

  it("has its two fields and no other, and only pinID is required", () => {
    deepStrictEqual(Object.keys(GetTokenRequest.fields), ["pinID", "xPlexClientIdentifier"])
    deepStrictEqual(jsonSchema.required, ["pinID"])
  })

  it("shows its descriptions and its example in JSON Schema", () => {
    const { pinID, xPlexClientIdentifier } = jsonSchema.properties
    strictEqual(pinID["type"], "string")
    strictEqual(pinID["description"], "The PinID to retrieve an access token for")
    strictEqual(xPlexClientIdentifier["type"], "string")
    strictEqual(xPlexClientIdentifier["description"], identifierDescription)
    deepStrictEqual(xPlexClientIdentifier["examples"], ["Postman"])
  })

  it("publishes rules that its example, and no hostile value, obeys", () => {
    const pinID = new RegExp(Schema.decodeUnknownSync(Schema.String)(jsonSchema.properties.pinID["pattern"]))
    const identifier = new RegExp(
      Schema.decodeUnknownSync(Schema.String)(jsonSchema.properties.xPlexClientIdentifier["pattern"])
    )
    assertTrue(pinID.test("1272322473"))
    assertTrue(identifier.test("Postman"))
    for (const text of ["", "../users", "1 "]) assertTrue(!pinID.test(text))
    for (const text of ["", "a\r\nX-Evil: 1", "Café"]) assertTrue(!identifier.test(text))
  })

  it.prop("an arbitrary one obeys the rules", [GetTokenRequest], ([request]) => {
    assertTrue(/^[0-9]{1,20}$/.test(request.pinID))
    if (request.xPlexClientIdentifier !== undefined) assertTrue(/^[!-~]{1,255}$/.test(request.xPlexClientIdentifier))
  })

  it("is made up with and without the optional field", () => {
    const sample = FastCheck.sample(Arbitrary.make(GetTokenRequest), 200)
    assertTrue(sample.some((request) => request.xPlexClientIdentifier === undefined))
    assertTrue(sample.some((request) => request.xPlexClientIdentifier !== undefined))
  })
})

describe("GetTokenRequest", () => {
  it.prop("decodes to what it was encoded from", [GetTokenRequest], ([request]) => {
    const encoded = Schema.encodeSync(GetTokenRequest)(request)
    assertEquals(Schema.decodeSync(GetTokenRequest)(encoded), request)
    const Json = Schema.parseJson(GetTokenRequest)
    const json = Schema.encodeSync(Json)(request)
    const again = Schema.decodeSync(Json)(json)
    strictEqual(again.pinID, request.pinID)
    strictEqual(again.xPlexClientIdentifier, request.xPlexClientIdentifier)
    strictEqual(Schema.encodeSync(Json)(again), json)
  })

  it.prop("case 16: a number is taken for its digits", [FastCheck.maxSafeNat()], ([id]) => {
    for (const { requests } of [sent({ pinID: id }), sent({ pinID: String(id) })]) {
      strictEqual(requests.length, 1)
      strictEqual(requests[0]?.pinID, String(id))
    }
  })

  it("a request that was decoded before is taken as it is", () => {
    const request = Schema.decodeSync(GetTokenRequest)({ pinID: "1272322473", xPlexClientIdentifier: "Postman" })
    const { requests, result } = sent(request)
    assertTrue(Either.isRight(result))
    strictEqual(requests.length, 1)
    assertEquals(requests[0], request)
  })

  it("unknown fields are dropped", () => {
    const { requests } = sent(untypedInput({ pinID: 1, authToken: "CANARY" }))
    deepStrictEqual(
      requests.map((request) => Object.keys(request)),
      [["pinID"]]
    )
    const polluted: GetTokenRequest.Input = JSON.parse('{"pinID":"1","__proto__":{"xPlexClientIdentifier":"EVIL"}}')
    deepStrictEqual(
      sent(polluted).requests.map((request) => request.xPlexClientIdentifier),
      [undefined]
    )
  })

  it("threat 3: hides the id in print, and shows the rest", () => {
    const request = Schema.decodeSync(GetTokenRequest)({ pinID: "1272322473", xPlexClientIdentifier: "Postman" })
    for (const value of [request, { request }, [request]]) assertNotPrinted(value, "1272322473")
    for (const text of [printed(request), JSON.stringify(request), String(request)]) {
      assertTrue(text.includes("<redacted>") && text.includes("Postman"))
    }
  })
})

const hostileIds: ReadonlyArray<GetTokenRequest.Input["pinID"]> = [
  ...["", " ", " 1", "1 ", "\t1", "1\n", "1\r\nX-Evil: 1", "1\0", "1\u007f", "1\u2028", "1\ufeff"],
  ...[
    "../../user",
    "../users",
    "1/../2",
    "1/",
    "/1",
    "1?x=",
    "1#",
    "1&x",
    "1;x",
    "%2e%2e",
    "%31",
    "1\\..\\2",
    ".",
    ".."
  ],
  ...["1.5", "-1", "+1", "1e21", "0x10", "1_000", "1,000", "NaN", "null", "undefined", "Café", "🎬", "١٢٣", "１２"],
  ...["1".repeat(21), "1".repeat(10_240)],
  ...[1.5, -1, 1e21, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
]

const hostileIdentifiers = [
  ...["", " ", "a b", " a", "a ", "\t", "a\r\nX-Evil: 1", "a\n", "a\r", "\0", "a\0b", "\u007f", "\u0080", "\u00a0"],
  ...["a\u2028", "a\u2029", "\ufeffa", "Café", "Bob’s Mac", "🎬", "\ud800", "x".repeat(256), "x".repeat(10_240)]
]

describe("hostile input is an InvalidRequest, and nothing is sent", () => {
  it.each(hostileIds.map((pinID) => ({ pinID })))("case 35: threat 10: pinID $pinID", ({ pinID }) => {
    const error = refused({ pinID })
    deepStrictEqual(error.issues, [{ field: "pinID", rule: pinIDRule }])
    strictEqual(error.message, `GetTokenRequest is not valid, and nothing was sent: pinID ${pinIDRule}.`)
  })

  it.each([null, true, [], ["1"], [1], {}, { toString: "1" }].map((pinID) => ({ pinID })))(
    "case 35: pinID $pinID, which is no text",
    ({ pinID }) => {
      const error = refused(untypedInput({ pinID }))
      deepStrictEqual(error.issues, [{ field: "pinID", rule: pinIDRule }])
    }
  )

  it.each(hostileIdentifiers.map((identifier) => ({ identifier })))(
    "case 36: threat 11: xPlexClientIdentifier $identifier",
    ({ identifier }) => {
      const error = refused({ pinID: "1", xPlexClientIdentifier: identifier })
      deepStrictEqual(error.issues, [{ field: "xPlexClientIdentifier", rule: identifierRule }])
    }
  )

  it.each([null, 1, true, [], ["a"], {}].map((identifier) => ({ identifier })))(
    "case 36: xPlexClientIdentifier $identifier, which is no text",
    ({ identifier }) => {
      const error = refused(untypedInput({ pinID: "1", xPlexClientIdentifier: identifier }))
      deepStrictEqual(error.issues, [{ field: "xPlexClientIdentifier", rule: identifierRule }])
    }
  )

  it("names both fields when both are wrong", () => {
    const error = refused({ pinID: "../../user", xPlexClientIdentifier: "a b" })
    deepStrictEqual(error.issues, [
      { field: "pinID", rule: pinIDRule },
      { field: "xPlexClientIdentifier", rule: identifierRule }
    ])
    strictEqual(
      error.message,
      "GetTokenRequest is not valid, and nothing was sent: " +
        `pinID ${pinIDRule}; xPlexClientIdentifier ${identifierRule}.`
    )
  })

  it("says that pinID is missing", () => {
    const error = refused(untypedInput({}))
    deepStrictEqual(error.issues, [{ field: "pinID", rule: "is missing" }])
  })

  it.each([null, "1272322473", 1, true, []].map((input) => ({ input })))(
    "says that $input is no request at all",
    ({ input }) => {
      const error = refused(untypedInput(input))
      deepStrictEqual(error.issues, [{ field: "the request", rule: "must be an object" }])
    }
  )

  it.prop(
    "case 35: what gets through is digits, whatever the text",
    [FastCheck.string({ unit: "binary" })],
    ([text]) => {
      const { requests, result } = sent({ pinID: text })
      strictEqual(requests.length, Either.isRight(result) ? 1 : 0)
      for (const request of requests) assertTrue(/^[0-9]+$/.test(request.pinID))
    }
  )

  it.prop(
    "case 40: the bad text is nowhere in the error",
    [FastCheck.string({ unit: "binary" })],
    ([text]) => {
      const bad = `CANARY ${text}`
      assertNotPrinted(refused({ pinID: bad }), "CANARY")
      assertNotPrinted(refused({ pinID: "1", xPlexClientIdentifier: bad }), "CANARY")
      assertNotPrinted(refused({ pinID: bad, xPlexClientIdentifier: bad }), "CANARY")
    },
    { fastCheck: { numRuns: 40 } }
  )

  it.prop(
    "case 40: nor is a bad value of any other type",
    [anyJson],
    ([value]) => {
      for (const bad of [{ CANARY: value }, ["CANARY", value]]) {
        assertNotPrinted(refused(untypedInput({ pinID: bad })), "CANARY")
        assertNotPrinted(refused(untypedInput({ pinID: "1", xPlexClientIdentifier: bad })), "CANARY")
      }
    },
    { fastCheck: { numRuns: 40 } }
  )

  it("threat 8: the request itself is nested deep", () => {
    const input: GetTokenRequest.Input = JSON.parse("[".repeat(100_000) + "]".repeat(100_000))
    const error = refused(input)
    deepStrictEqual(error.issues, [{ field: "the request", rule: "must be an object" }])
  })

  it.each(["pinID", "xPlexClientIdentifier"])("threat 8: %s is nested deep", (field) => {
    const input: GetTokenRequest.Input = { pinID: "1", ...Object.fromEntries([[field, deepJson(100_000)]]) }
    const error = refused(input)
    deepStrictEqual(
      error.issues.map((issue) => issue.field),
      [field]
    )
  })
})
