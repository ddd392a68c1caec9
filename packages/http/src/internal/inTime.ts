import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { LazyArg } from "effect/Function"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"

/**
 * Runs an effect in a fiber of its own, which is interrupted when its time is over, even where the caller can't be. Nothing
 * that is set in that fiber, by the effect or by `updateRefs`, comes back.
 *
 * `Effect.timeoutFail` has a second fiber sleep for each. Here one sleeps for all that are under way on a clock, and the
 * fiber is begun and awaited in one step: `bench/README.md` says what that brings.
 */
export const inTime =
  <E2>(
    limit: Duration.DurationInput,
    onTimeout: LazyArg<E2>,
    updateRefs?: NonNullable<Runtime.RunForkOptions["updateRefs"]>
  ) =>
  <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | E2> =>
    Effect.withFiberRuntime((caller, { runtimeFlags }) => {
      const alarms = alarmsOf(Context.get(caller.currentDefaultServices, Clock.Clock))
      const runtime = Runtime.make({
        context: caller.currentContext,
        fiberRefs: caller.getFiberRefs(),
        runtimeFlags: RuntimeFlags.enable(runtimeFlags, RuntimeFlags.Interruption)
      })
      return Effect.async<A, E | E2>((resume) => {
        const work = Runtime.runFork(runtime, effect, { updateRefs })
        const alarm = alarms.set(runtime, limit, work)
        work.addObserver((exit) => {
          alarms.cancel(alarm)
          resume(alarm.rang && Exit.isFailure(exit) ? Effect.fail(onTimeout()) : exit)
        })
        return Fiber.interrupt(work)
      })
    })

interface Alarm {
  readonly at: number
  readonly work: Fiber.RuntimeFiber<unknown, unknown>
  rang: boolean
}

const interrupt = (fiber: Fiber.RuntimeFiber<unknown, unknown>) => {
  fiber.unsafeInterruptAsFork(fiber.id())
}

const makeAlarms = (clock: Clock.Clock) => {
  const alarms = new Set<Alarm>()
  let sleeper: { until: number; readonly fiber: Fiber.RuntimeFiber<void> } | undefined

  /** Whole milliseconds, by the part of the clock that only goes forward. */
  const now = (): number => Number(clock.unsafeCurrentTimeNanos() / 1_000_000n)

  /** Returns when the next one is due. */
  const ringDue = (): number => {
    const time = now()
    let next = Infinity
    for (const alarm of alarms) {
      if (alarm.at > time) next = Math.min(next, alarm.at)
      else {
        alarm.rang = alarms.delete(alarm)
        interrupt(alarm.work)
      }
    }
    return next
  }

  const sleep = (until: number): Effect.Effect<void> =>
    Effect.flatMap(clock.sleep(Duration.millis(until - now())), () => {
      const next = ringDue()
      if (sleeper === undefined || alarms.size === 0) {
        sleeper = undefined
        return Effect.void
      }
      sleeper.until = next
      return sleep(next)
    })

  const wake = () => {
    if (sleeper !== undefined) interrupt(sleeper.fiber)
    sleeper = undefined
  }

  return {
    set: (
      runtime: Runtime.Runtime<never>,
      limit: Duration.DurationInput,
      work: Fiber.RuntimeFiber<unknown, unknown>
    ): Alarm => {
      const alarm = { at: now() + Duration.toMillis(limit), rang: false, work }
      alarms.add(alarm)
      if (sleeper === undefined || sleeper.until > alarm.at) {
        wake()
        // Not at once: it is to find itself as the sleeper.
        sleeper = { until: alarm.at, fiber: Runtime.runFork(runtime, sleep(alarm.at), { immediate: false }) }
      }
      return alarm
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
