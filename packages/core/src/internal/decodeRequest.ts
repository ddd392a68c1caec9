import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { InvalidRequest } from "../PlexAuthError.js"

/**
 * Decodes a request and names what is wrong with it by field and rule. A field's schema says its rule as its message, which
 * quotes no value; what Effect adds for the other members of a union (an optional field is one) would quote it.
 */
export const decodeRequest =
  <A, I>(request: string, schema: Schema.Schema<A, I>) =>
  (input: unknown): Effect.Effect<A, InvalidRequest> =>
    Effect.mapError(
      Schema.decodeUnknown(schema, { errors: "all" })(input),
      (error) => new InvalidRequest({ request, issues: issuesOf(error) })
    )

const issuesOf = (error: ParseResult.ParseError): Arr.NonEmptyReadonlyArray<{ field: string; rule: string }> => {
  const issues = ParseResult.ArrayFormatter.formatErrorSync(error).map(({ _tag, message, path }) => {
    if (path.length === 0) return { field: "the request", rule: "must be an object" }
    return { field: path.join("."), rule: _tag === "Missing" ? "is missing" : message }
  })
  const ofEachField = Arr.dedupeWith(issues, (a, b) => a.field === b.field)
  return Arr.isNonEmptyReadonlyArray(ofEachField) ? ofEachField : [{ field: "the request", rule: "is not valid" }]
}
