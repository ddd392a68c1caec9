import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"
import type { AccessToken } from "../AccessToken.js"
import type { DeviceKey } from "../DeviceKey.js"
import type { Pin } from "../Pin.js"
import { PlexAuth } from "../PlexAuth.js"
import { PinNotClaimed } from "../PlexAuthError.js"
import type { WaitEvent } from "../SignInEvent.js"
import { monotonicBy, monotonicMillis } from "./monotonic.js"
import { noProgress, pollForClaim } from "./pollForClaim.js"
import type { PollError, Progress } from "./pollForClaim.js"

/** Somebody who waits. Times are in milliseconds on the monotonic clock. */
interface Waiter {
  readonly since: number
  readonly until: number
  readonly looksBefore: number
  readonly result: Deferred.Deferred<AccessToken, PollError | PinNotClaimed>
  readonly hears: (event: WaitEvent) => void
}

/** One loop, for all who wait for the same PIN of the same service. */
interface Poll {
  readonly waiters: Set<Waiter>
  progress: Progress
  fiber: Fiber.Fiber<void>
  /** When the loop looks again, unless its pause is cut short. */
  nextLook: number
  pause: Fiber.Fiber<void>
}

const polls = globalValue("@plex-auth/core/internal/sharedPoll/polls", () => new WeakMap<object, Map<string, Poll>>())

const pollsOf = (plex: PlexAuth.Service): Map<string, Poll> => {
  const known = polls.get(plex)
  if (known !== undefined) return known
  const none = new Map<string, Poll>()
  polls.set(plex, none)
  return none
}

const notClaimed = (waiter: Waiter, { looks, trouble }: Progress, now: number) =>
  new PinNotClaimed({
    waited: Duration.millis(now - waiter.since),
    looks: looks - waiter.looksBefore,
    lastTrouble: Option.getOrUndefined(trouble)
  })

/** Those whose time is over leave, and those whom plex.tv's wish to be left alone would keep for longer than they wait. */
const dismiss = (poll: Poll, progress: Progress, now: number) => {
  for (const waiter of poll.waiters) {
    const { trouble } = progress
    const error =
      Option.isSome(trouble) && progress.retryAfter > waiter.until - now
        ? trouble.value
        : now >= waiter.until
          ? notClaimed(waiter, progress, now)
          : undefined
    if (error === undefined) continue
    poll.waiters.delete(waiter)
    Deferred.unsafeDone(waiter.result, Effect.fail(error))
  }
}

const emptyPoll = (): Poll => ({
  waiters: new Set(),
  progress: noProgress,
  fiber: Fiber.void,
  nextLook: Number.POSITIVE_INFINITY,
  pause: Fiber.void
})

/** Runs the loop in a fiber of its own, since whoever came first may be the first to leave. */
const startPoll = (
  poll: Poll,
  pin: Pin,
  options: { readonly atOnce: boolean; readonly deviceKey?: DeviceKey | undefined },
  ended: () => void
) => {
  const audience = {
    patience: () => Math.min(...Array.from(poll.waiters, ({ until }) => until)),
    hears: (event: WaitEvent) => poll.waiters.forEach((waiter) => waiter.hears(event)),
    pauses: (millis: number) =>
      Effect.clockWith((clock) => {
        poll.nextLook = monotonicBy(clock) + millis
        return Effect.flatMap(Effect.fork(clock.sleep(Duration.millis(millis))), (pause) => {
          poll.pause = pause
          return Fiber.await(pause)
        })
      }),
    sees: (progress: Progress, now: number) => {
      poll.progress = progress
      dismiss(poll, progress, now)
    }
  }
  return pollForClaim(pin, audience, options).pipe(
    Effect.onExit((exit) =>
      Effect.sync(() => {
        ended()
        poll.waiters.forEach(({ result }) => Deferred.unsafeDone(result, exit))
      })
    ),
    Effect.exit,
    Effect.asVoid,
    Effect.interruptible,
    Effect.forkDaemon,
    Effect.tap((fiber) => Effect.sync(() => void (poll.fiber = fiber)))
  )
}

/** What is left of the time for which plex.tv asked to be left alone; the next look is no sooner than its end. */
const waitFor = ({ retryAfter }: Progress, now: number, nextLook: number): number =>
  retryAfter === 0 ? 0 : Math.min(retryAfter, nextLook - now)

/** How somebody waits: for how long at the most, in milliseconds, with which key, and what hears of it. */
export interface Waiting {
  readonly patience: number
  readonly atOnce: boolean
  readonly deviceKey?: DeviceKey | undefined
  readonly hears: (event: WaitEvent) => void
}

/** Joins the loop that looks at a PIN, or starts it; the last one to leave ends it. */
export const sharedPoll = (
  pin: Pin,
  { atOnce, deviceKey, hears, patience }: Waiting
): Effect.Effect<AccessToken, PollError | PinNotClaimed, PlexAuth> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const ofService = pollsOf(yield* PlexAuth)
      // The two together are worth the token; the map is in memory alone, and nothing prints it.
      const key = `${pin.clientIdentifier} ${pin.id}`
      const since = yield* monotonicMillis
      const until = since + patience
      const result = yield* Deferred.make<AccessToken, PollError | PinNotClaimed>()

      const running = ofService.get(key)
      // In the map before anything else runs, so that nobody starts a second one.
      const poll = running ?? emptyPoll()
      const forget = () => {
        if (ofService.get(key) === poll) ofService.delete(key)
      }
      ofService.set(key, poll)
      const waiter = { since, until, looksBefore: poll.progress.looks, result, hears }
      poll.waiters.add(waiter)
      if (running === undefined) yield* startPoll(poll, pin, { atOnce, deviceKey }, forget)
      else if (atOnce || until < poll.nextLook) {
        const retryAfter = waitFor(poll.progress, since, poll.nextLook)
        if (retryAfter > 0) dismiss(poll, { ...poll.progress, retryAfter }, since)
        yield* Fiber.interruptFork(poll.pause)
      }

      const leave = Effect.suspend(() => {
        poll.waiters.delete(waiter)
        if (poll.waiters.size > 0) return Effect.void
        forget()
        return Fiber.interrupt(poll.fiber)
      })
      return yield* Effect.ensuring(restore(Deferred.await(result)), leave)
    })
  )
