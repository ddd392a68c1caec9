import { describe, it } from "@effect/vitest"
import { assertTrue, deepStrictEqual } from "@effect/vitest/utils"
import { Account, CreatePinResponse, GetTokenResponse, issuePaths, PlexClientInfo } from "@plex-auth/core"
import { Effect, Either, FastCheck, Schema } from "effect"
import { readPin } from "./samples.js"
import { anyJson, assertNotPrinted, deepJson } from "./support.js"

const paths = <A, I>(schema: Schema.Schema<A, I>, json: unknown, errors: "first" | "all" = "all") => {
  const decoded = Schema.decodeUnknownEither(schema, { errors })(json)
  assertTrue(Either.isLeft(decoded))
  return issuePaths(decoded.left)
}

describe("issuePaths", () => {
  it("names the fields that are wrong, each once", () => {
    deepStrictEqual(paths(GetTokenResponse, { ...readPin, authToken: 12345 }), ["authToken"])
    deepStrictEqual(paths(GetTokenResponse, { authToken: ["T"] }), ["id", "authToken"])
    deepStrictEqual(paths(CreatePinResponse, {}), ["id", "code"])
    deepStrictEqual(paths(CreatePinResponse, { id: -1, code: "A B" }, "first"), ["id"])
    deepStrictEqual(paths(Account, { id: "7" }), ["id"])
  })

  it("names a place within a field", () => {
    const Nested = Schema.Struct({ a: Schema.Array(Schema.Struct({ b: Schema.Union(Schema.String, Schema.Null) })) })
    deepStrictEqual(paths(Nested, { a: [{ b: "x" }, { b: 1 }, {}] }), ["a.1.b", "a.2.b"])
  })

  it("names none when the whole is wrong", () => {
    for (const json of [null, [], "x", 1, true, undefined]) deepStrictEqual(paths(GetTokenResponse, json), [])
  })

  it("threat 8: reads an error about JSON that is nested deep", () => {
    const deep = deepJson(100_000)
    deepStrictEqual(paths(GetTokenResponse, deep), [])
    deepStrictEqual(paths(GetTokenResponse, { id: deep, authToken: deep }), ["id", "authToken"])
    deepStrictEqual(paths(CreatePinResponse, { id: 1, code: deep }), ["code"])
    deepStrictEqual(paths(Account, { id: deep }), ["id"])
    deepStrictEqual(paths(Schema.Struct({ a: Schema.NullishOr(Schema.String) }), { a: deep }), ["a"])
  })

  it.prop("case 40: has nothing of the values in it", [anyJson], ([value]) => {
    const canary = { id: { CANARY: value }, authToken: ["CANARY", value], code: "CANARY CODE" }
    for (const found of [paths(GetTokenResponse, canary), paths(CreatePinResponse, canary), paths(Account, canary)]) {
      assertTrue(found.includes("id"))
      assertNotPrinted(found, "CANARY")
    }
  })
})

describe("threat 8: options that are nested deep", () => {
  it.prop(
    "are an InvalidRequest that names them",
    [FastCheck.constantFrom("product", "clientIdentifier", "model")],
    ([field]) => {
      const options: PlexClientInfo.Options = {
        product: "My Cool App",
        ...Object.fromEntries([[field, deepJson(50_000)]])
      }
      const error = Effect.runSync(Effect.flip(PlexClientInfo.make(options)))
      deepStrictEqual(
        error.issues.map((issue) => issue.field),
        [field]
      )
    },
    { fastCheck: { numRuns: 3 } }
  )
})
