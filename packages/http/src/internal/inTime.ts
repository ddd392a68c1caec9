import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { LazyArg } from "effect/Function"

/**
 * Runs an effect in a fiber of its own, which is interrupted when its time is over, even where the caller can't be. Nothing
 * that the effect sets in its fiber comes back.
 *
 * `Effect.timeoutFail` has a second fiber sleep for each. Here one sleeps for all that are under way on a clock:
 * `bench/README.md` says what that brings.
 */
export const inTime =
  <E2>(limit: Duration.DurationInput, onTimeout: LazyArg<E2>) =>
  <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | E2> =>
    Effect.clockWith((clock) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(Effect.forkDaemon(Effect.interruptible(effect)), (work) => {
          const alarms = alarmsOf(clock)
          const alarm: Alarm = { at: now(clock) + Duration.toMillis(limit), rang: false, work }
          return Effect.zipRight(alarms.set(alarm), restore(Fiber.await(work))).pipe(
            Effect.onInterrupt(() => Fiber.interrupt(work)),
            Effect.onExit(() => Effect.sync(() => alarms.cancel(alarm))),
            Effect.flatMap((exit): Effect.Effect<A, E | E2> =>
              alarm.rang && Exit.isFailure(exit) ? Effect.fail(onTimeout()) : exit
            )
          )
        })
      )
    )

/** Whole milliseconds, by the part of the clock that only goes forward. */
const now = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

interface Alarm {
  readonly at: number
  readonly work: Fiber.RuntimeFiber<unknown, unknown>
  rang: boolean
}

const interrupt = (fiber: Fiber.RuntimeFiber<unknown, unknown>) => fiber.unsafeInterruptAsFork(fiber.id())

const makeAlarms = (clock: Clock.Clock) => {
  const alarms = new Set<Alarm>()
  let sleeper: { readonly until: number; readonly fiber: Fiber.RuntimeFiber<void> } | undefined

  const sleepUntil = (until: number): Effect.Effect<void> =>
    Effect.map(
      Effect.forkDaemon(
        Effect.interruptible(Effect.zipRight(clock.sleep(Duration.millis(until - now(clock))), ringDue))
      ),
      (fiber) => {
        // Somebody else may have been here in between, with less time.
        if (sleeper !== undefined && sleeper.until <= until) interrupt(fiber)
        else {
          wake()
          sleeper = { until, fiber }
        }
      }
    )

  const wake = () => {
    if (sleeper !== undefined) interrupt(sleeper.fiber)
    sleeper = undefined
  }

  const ringDue = Effect.suspend(() => {
    const time = now(clock)
    let next = Infinity
    sleeper = undefined
    for (const alarm of alarms) {
      if (alarm.at > time) next = Math.min(next, alarm.at)
      else {
        alarm.rang = alarms.delete(alarm)
        interrupt(alarm.work)
      }
    }
    return alarms.size === 0 ? Effect.void : sleepUntil(next)
  })

  return {
    set: (alarm: Alarm): Effect.Effect<void> => {
      alarms.add(alarm)
      return sleeper !== undefined && sleeper.until <= alarm.at ? Effect.void : sleepUntil(alarm.at)
    },
    /** Nothing sleeps when nobody is left: a timer would keep the process. */
    cancel: (alarm: Alarm): void => {
      alarms.delete(alarm)
      if (alarms.size === 0) wake()
    }
  }
}

const ofEachClock = new WeakMap<Clock.Clock, ReturnType<typeof makeAlarms>>()

const alarmsOf = (clock: Clock.Clock) => {
  const alarms = ofEachClock.get(clock) ?? makeAlarms(clock)
  ofEachClock.set(clock, alarms)
  return alarms
}
