import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { ClockWrong, DeviceJwtRejected } from "../DeviceKeyError.js"
import { PlexAuth } from "../PlexAuth.js"

/** A `Date` has whole seconds and is some time on its way: clocks this close agree. */
export const agree = 5_000

/** Clocks further apart than this are not corrected: a time zone that is set wrong is, a year is not. */
const widest = Duration.toMillis("1 day")

const isCorrected = (offset: number): boolean => Math.abs(offset) > agree && Math.abs(offset) <= widest

/** By how much this machine's clock is corrected, in milliseconds. */
export const correction: Effect.Effect<number, never, PlexAuth> = Effect.flatMap(PlexAuth, (plex) =>
  Effect.map(plex.clockOffset, (offset) => (isCorrected(offset) ? offset : 0))
)

/** The time by plex.tv's clock, in milliseconds, as far as it is known. */
export const plexTime: Effect.Effect<number, never, PlexAuth> = Effect.zipWith(
  Clock.currentTimeMillis,
  correction,
  (now, offset) => now + offset
)

/** A signature that was refused while the clocks are too far apart was refused for that. */
export const orClockWrong =
  (operation: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | ClockWrong, R | PlexAuth> =>
    Effect.catchIf(
      effect,
      (error) => error instanceof DeviceJwtRejected,
      (error) =>
        Effect.gen(function* () {
          const offset = yield* (yield* PlexAuth).clockOffset
          if (Math.abs(offset) <= widest) return yield* Effect.fail(error)
          return yield* new ClockWrong({
            operation,
            direction: offset > 0 ? "behind" : "ahead",
            by: Duration.millis(Math.abs(offset))
          })
        })
    )
