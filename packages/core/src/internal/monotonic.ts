import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

/**
 * The time in milliseconds by a clock that only goes forward: the wall clock as it was when the process started, plus what
 * has passed since. A step of the wall clock does not move a deadline that is counted on it.
 */
export const monotonicBy = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

/** The same by the clock of the program. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(Effect.clock, monotonicBy)

export const monotonicNow: Effect.Effect<DateTime.Utc> = Effect.map(monotonicMillis, (millis) =>
  DateTime.unsafeMake(millis)
)
