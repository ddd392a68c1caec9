import { InvalidResponse, issuePaths } from "@plex-auth/core"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { globalValue } from "effect/GlobalValue"
import type { ParseError } from "effect/ParseResult"

/** What is known of an answer, and may be shown. */
export interface Seen {
  readonly status: number
  readonly contentType: string | undefined
  readonly length?: number | undefined
}

export const invalidAnswer = (
  operation: string,
  reason: InvalidResponse["reason"],
  seen: Seen,
  paths: ReadonlyArray<string> = []
): InvalidResponse => new InvalidResponse({ operation, reason, ...seen, paths })

/** The answer that this fiber got last: an error of decoding does not say which answer it is about. */
export const lastSeen = globalValue("@plex-auth/http/internal/invalidAnswer/lastSeen", () =>
  FiberRef.unsafeMake<Seen>({ status: 0, contentType: undefined })
)

/**
 * What the derived client can fail with beside the errors of the transport, as handlers for `Effect.catchTags`. Of a
 * `ParseError` only the paths go on, since it holds the whole body. The other three can't come from behind the transport
 * and a contract without error answers, but are in the types.
 */
export const answerErrors = (operation: string) => {
  const unexpected = () =>
    Effect.flatMap(FiberRef.get(lastSeen), (seen) => Effect.fail(invalidAnswer(operation, "unexpected", seen)))
  return {
    ParseError: (error: ParseError) =>
      Effect.flatMap(FiberRef.get(lastSeen), (seen) => {
        const paths = issuePaths(error)
        // The text begins like an object, so it is none as a whole only if it is not JSON.
        return Effect.fail(invalidAnswer(operation, paths.length === 0 ? "notJson" : "unexpected", seen, paths))
      }),
    HttpApiDecodeError: unexpected,
    RequestError: unexpected,
    ResponseError: unexpected
  }
}
