import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

/**
 * The time by a clock that only goes forward: the wall clock as it was when the process started, plus what has passed
 * since. A step of the wall clock does not move a deadline that is counted on it.
 */
export const monotonicNow: Effect.Effect<DateTime.Utc> = Effect.map(Clock.currentTimeNanos, (nanos) =>
  DateTime.unsafeMake(Number(nanos / 1_000_000n))
)

/** The same in milliseconds. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(monotonicNow, DateTime.toEpochMillis)
