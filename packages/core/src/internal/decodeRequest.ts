import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { InvalidRequest } from "../PlexAuthError.js"
import { issueLeaves } from "./issueLeaves.js"

/** Decodes a request, and names each field that is wrong with its rule. */
export const decodeRequest =
  <A, I>(request: string, schema: Schema.Schema<A, I>, rules: Readonly<Record<string, string>>) =>
  (input: unknown): Either.Either<A, InvalidRequest> =>
    Either.mapLeft(
      Schema.decodeUnknownEither(schema, { errors: "all" })(input),
      (error) => new InvalidRequest({ request, issues: issuesOf(error, rules) })
    )

const issuesOf = (
  error: ParseResult.ParseError,
  rules: Readonly<Record<string, string>>
): Arr.NonEmptyReadonlyArray<{ field: string; rule: string }> => {
  const issues = issueLeaves(error.issue).map(({ isMissing, path }) => {
    const field = String(path[0] ?? "")
    if (field === "") return { field: "the request", rule: "must be an object" }
    return { field, rule: isMissing && path.length === 1 ? "is missing" : (rules[field] ?? "is not valid") }
  })
  const ofEachField = Arr.dedupeWith(issues, (a, b) => a.field === b.field)
  return Arr.isNonEmptyReadonlyArray(ofEachField) ? ofEachField : [{ field: "the request", rule: "is not valid" }]
}
