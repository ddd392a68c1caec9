/**
 * Which fields a parse error is about.
 *
 * @since 0.1.0
 */
import type { ParseError } from "effect/ParseResult"
import { issueLeaves } from "./internal/issueLeaves.js"

/**
 * The paths of the fields that a `ParseError` is about, and nothing of their values: for an `InvalidResponse`. The error
 * itself holds the whole input, which may have a token in it, and must not get into a log. Empty when the input as a whole
 * is wrong.
 *
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { GetTokenResponse, issuePaths } from "@plex-auth/core"
 * import { Either, Schema } from "effect"
 *
 * const decoded = Schema.decodeUnknownEither(GetTokenResponse)({ id: 1, authToken: 12345 })
 * if (Either.isLeft(decoded)) console.log(issuePaths(decoded.left)) // [ 'authToken' ]
 * ```
 */
export const issuePaths = (error: ParseError): ReadonlyArray<string> => {
  const paths = issueLeaves(error.issue).map(({ path }) => path.map(String).join("."))
  return [...new Set(paths)].filter((path) => path !== "")
}
