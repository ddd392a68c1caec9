/**
 * What the controls of a simulated plex.tv can fail with.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * No PIN with this code waits to be claimed, or is there to expire.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexTvSimulator } from "@plex-auth/http/testing"
 * import { Effect } from "effect"
 *
 * const program = Effect.flatMap(PlexTvSimulator, (simulator) => simulator.claim("WXYZ")).pipe(
 *   Effect.catchTag("UnknownCode", (error) => Effect.logWarning(error.message))
 * )
 * ```
 */
export class UnknownCode extends Data.TaggedError("UnknownCode") {
  /** @since 0.1.0 */
  override get message(): string {
    return "PlexTvSimulator: no PIN with this code is waiting. It was never made, has expired, or was claimed already."
  }
}
