import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { CreatePinRequest, InvalidRequest, PlexAuth, PlexAuthTest } from "@plex-auth/core"
import { Effect, Either, FastCheck, Schema } from "effect"
import { assertNotPrinted, deepJson } from "./support.js"

const untyped = (fields: unknown): CreatePinRequest.Input => JSON.parse(JSON.stringify(fields))

/** The requests that are sent for an input, and what came of it. */
const sent = (...args: Parameters<PlexAuth.Service["createPin"]>) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const result = yield* Effect.either(plex.createPin(...args))
    const requests = (yield* PlexAuthTest.requests).map((recorded) => {
      assertTrue(recorded.operation === "createPin")
      return Schema.encodeSync(CreatePinRequest)(recorded.request)
    })
    return { result, requests }
  }).pipe(Effect.provide(PlexAuthTest.layer({ createPin: PlexAuthTest.linkPin() })), Effect.runSync)

/** The error of a request that has to fail before anything is sent. */
const refused = (input: CreatePinRequest.Input): InvalidRequest => {
  const { requests, result } = sent(input)
  deepStrictEqual(requests, [])
  assertTrue(Either.isLeft(result))
  assertInstanceOf(result.left, InvalidRequest)
  strictEqual(result.left.request, "CreatePinRequest")
  return result.left
}

const identifierRule = "must be 1 to 255 visible ASCII characters, without spaces"

describe("CreatePinRequest", () => {
  it("asks for a link PIN unless told otherwise", () => {
    strictEqual(new CreatePinRequest({}).strong, false)
    strictEqual(Schema.decodeSync(CreatePinRequest)({}).strong, false)
    strictEqual(Schema.decodeSync(CreatePinRequest)({ strong: true }).strong, true)
  })

  it.prop("decodes to what it was encoded from", [CreatePinRequest], ([request]) => {
    assertEquals(Schema.decodeSync(CreatePinRequest)(Schema.encodeSync(CreatePinRequest)(request)), request)
  })

  it("is sent as it was decoded, also when no fields are given at all", () => {
    deepStrictEqual(sent().requests, [{ strong: false }])
    const fields = { strong: true, xPlexProduct: "Café 🎬", xPlexClientIdentifier: "Postman" }
    deepStrictEqual(sent(fields).requests, [fields])
  })

  it.each([null, 1, 0, "true", "", [], {}].map((strong) => ({ strong })))("refuses strong: $strong", ({ strong }) => {
    const error = refused(untyped({ strong }))
    deepStrictEqual(error.issues, [{ field: "strong", rule: "must be true or false" }])
  })

  it.each(["", " ", "\t\n", "\u00a0", "x".repeat(256), "x".repeat(10_240)].map((product) => ({ product })))(
    "case 36: refuses xPlexProduct $product",
    ({ product }) => {
      const error = refused({ xPlexProduct: product })
      deepStrictEqual(
        error.issues.map(({ field }) => field),
        ["xPlexProduct"]
      )
      assertTrue(error.issues[0].rule.startsWith("must be a string of 1 to 255 characters that is not blank"))
    }
  )

  it.each([null, 1, true, [], {}].map((product) => ({ product })))("refuses xPlexProduct $product", ({ product }) => {
    const error = refused(untyped({ xPlexProduct: product }))
    deepStrictEqual(
      error.issues.map(({ field }) => field),
      ["xPlexProduct"]
    )
  })

  it.each(["", "a\r\nX-Evil: 1", "a\0", "a\u007f", "a\u2028", "Café", "x".repeat(10_240)].map((id) => ({ id })))(
    "case 36: refuses xPlexClientIdentifier $id",
    ({ id }) => {
      const error = refused({ xPlexClientIdentifier: id })
      deepStrictEqual(error.issues, [{ field: "xPlexClientIdentifier", rule: identifierRule }])
    }
  )

  it("names every field that is wrong", () => {
    const error = refused(untyped({ strong: "yes", xPlexProduct: "", xPlexClientIdentifier: "" }))
    deepStrictEqual(
      error.issues.map(({ field }) => field),
      ["strong", "xPlexProduct", "xPlexClientIdentifier"]
    )
    for (const { field, rule } of error.issues) assertTrue(error.message.includes(`${field} ${rule}`))
  })

  it.prop(
    "case 40: the bad text is nowhere in the error",
    [FastCheck.string({ unit: "binary" })],
    ([text]) => {
      const bad = `CANARY ${text}`
      const long = bad.padEnd(300, "x")
      const error = refused(untyped({ strong: bad, xPlexProduct: long, xPlexClientIdentifier: bad }))
      strictEqual(error.issues.length, 3)
      assertNotPrinted(error, "CANARY")
    },
    { fastCheck: { numRuns: 40 } }
  )

  it.each(["strong", "xPlexProduct", "xPlexClientIdentifier"])("threat 8: %s is nested deep", (field) => {
    const error = refused(Object.fromEntries([[field, deepJson(100_000)]]))
    deepStrictEqual(
      error.issues.map((issue) => issue.field),
      [field]
    )
  })
})
