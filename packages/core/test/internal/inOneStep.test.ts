import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck, ParseResult, Schema } from "effect"
import type { SchemaAST } from "effect"
import { GetTokenRequest, GetTokenResponse, PinLocation } from "../../src/index.js"

// The same fields, as Schema.Class reads them.
class PlainRequest extends Schema.Class<PlainRequest>("Plain")(GetTokenRequest.fields) {}
class PlainResponse extends Schema.Class<PlainResponse>("Plain")(GetTokenResponse.fields) {}
class PlainLocation extends Schema.Class<PlainLocation>("Plain")(PinLocation.fields) {}

const json = FastCheck.oneof(
  FastCheck.constantFrom<unknown>(null, undefined, true, false, "", "0", 0, -1, 1.5, 900, "900", "false"),
  FastCheck.constantFrom<unknown>(1272322473, "1272322473", "Postman", "a b", "abc\n", "xxxxxxxxxxxxxxxxxxxx"),
  FastCheck.constantFrom<unknown>("2026-04-12T17:00:03Z", "2023-04-12 17:00:03 +0000 UTC", "never", [], ["T"]),
  FastCheck.constantFrom<unknown>({}, { country: "US", postal_code: 78732 }, { time_zone: 1 }),
  FastCheck.jsonValue()
)

/** Records that have some of the fields, and others; and now and then what is none. */
const inputs = (fields: object) =>
  FastCheck.oneof(
    {
      weight: 20,
      arbitrary: FastCheck.dictionary(FastCheck.constantFrom(...Object.keys(fields), "more", "__proto__"), json)
    },
    { weight: 1, arbitrary: json }
  )

const options = FastCheck.record<SchemaAST.ParseOptions>({
  errors: FastCheck.constantFrom("first", "all"),
  onExcessProperty: FastCheck.constantFrom("ignore", "error", "preserve"),
  exact: FastCheck.boolean()
})

/** The fields of what came of it, or which were wrong. */
const outcome = <A extends object, I>(
  schema: Schema.Schema<A, I>,
  input: unknown,
  how: SchemaAST.ParseOptions
): unknown =>
  Either.match(Schema.decodeUnknownEither(schema)(input, how), {
    onLeft: (error) => ParseResult.ArrayFormatter.formatErrorSync(error).map(({ path }) => path),
    onRight: (made) => ({ ...made })
  })

describe("inOneStep", () => {
  it.prop(
    "reads and refuses what Schema.Class does",
    [inputs(GetTokenResponse.fields), inputs(GetTokenRequest.fields), inputs(PinLocation.fields), options],
    ([response, request, location, how]) => {
      assert.deepStrictEqual(outcome(GetTokenResponse, response, how), outcome(PlainResponse, response, how))
      assert.deepStrictEqual(outcome(GetTokenRequest, request, how), outcome(PlainRequest, request, how))
      assert.deepStrictEqual(outcome(PinLocation, location, how), outcome(PlainLocation, location, how))
    },
    { fastCheck: { numRuns: 2_000 } }
  )

  it("says what Schema.Class does of what is wrong", () => {
    const wrongIn = <A, I>(schema: Schema.Schema<A, I>) =>
      Either.match(Schema.decodeUnknownEither(schema)({ id: "x", authToken: 1 }, { errors: "all" }), {
        onLeft: (error) => ParseResult.ArrayFormatter.formatErrorSync(error),
        onRight: () => []
      })
    assert.deepStrictEqual(wrongIn(GetTokenResponse), wrongIn(PlainResponse))
    assert.strictEqual(wrongIn(GetTokenResponse).length, 2)
  })

  it("leaves a class that extends one to itself", () => {
    class Extended extends GetTokenRequest {}
    class Longer extends GetTokenRequest.extend<Longer>("Longer")({ more: Schema.String }) {}
    const input = { pinID: 1272322473, more: "x" }
    assert.instanceOf(Schema.decodeUnknownSync(Extended)(input), Extended)
    assert.instanceOf(Schema.decodeUnknownSync(Longer)(input), Longer)
    assert.strictEqual(Schema.decodeUnknownSync(Longer)(input).more, "x")
  })
})
