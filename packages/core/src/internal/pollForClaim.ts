import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { constant } from "effect/Function"
import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { AccessToken } from "../AccessToken.js"
import type { DeviceKey } from "../DeviceKey.js"
import type { ClockWrong, CryptoUnavailable } from "../DeviceKeyError.js"
import type { Pin } from "../Pin.js"
import type { GetTokenResponse } from "../GetTokenResponse.js"
import { PlexAuth } from "../PlexAuth.js"
import { isTransient, PinExpired, PinNotFound } from "../PlexAuthError.js"
import type { InvalidResponse, PlexUnavailable, RateLimited } from "../PlexAuthError.js"
import { defaultPoll, PlexAuthPolicy } from "../PlexAuthPolicy.js"
import { SignInEvent } from "../SignInEvent.js"
import type { WaitEvent } from "../SignInEvent.js"
import { policyOver } from "./builtPolicy.js"
import { signDeviceJwt } from "./ed25519.js"
import { monotonicBy } from "./monotonic.js"
import { orClockWrong, plexTime } from "./plexTime.js"
import { timeLeft } from "./timeLeft.js"

type Trouble = RateLimited | PlexUnavailable | InvalidResponse

/** What the loop remembers from one look to the next. Times are in milliseconds. */
export interface Progress {
  readonly looks: number
  /** The PIN was there at an earlier look, so it belongs to this client identifier. */
  readonly seen: boolean
  /** Faults in a row, up to now. */
  readonly faults: number
  /** The interval that a 429 has widened, for the rest of the wait. */
  readonly widened: number
  readonly trouble: Option.Option<Trouble>
  readonly retryAfter: number
}

export const noProgress: Progress = {
  looks: 0,
  seen: false,
  faults: 0,
  widened: 0,
  trouble: Option.none(),
  retryAfter: 0
}

/** Those who wait, as the loop sees them. */
export interface Audience {
  /** The time at which the first of them gives up, if any does before the PIN's deadline. */
  readonly patience: () => number
  /** A pause, which ends early when somebody joins who can't wait for so long. */
  readonly pauses: (millis: number) => Effect.Effect<unknown>
  /** Each event, before the pause that it tells of. */
  readonly hears: (event: WaitEvent) => void
  /** After each look that gave no token: where things stand, and until when there won't be another. */
  readonly sees: (progress: Progress, now: number) => void
}

/** No fault widens the interval beyond this, unless the poll schedule itself is slower. */
const widest = 15_000

/** However little time somebody has, no look comes sooner than this after the answer before it. */
const closest = 1_000

/**
 * The pause before the next look. `pace` is the schedule's own, already jittered. Each fault in a row doubles it; the
 * spread is wide, so that clients whose server comes back do not come back together.
 */
const pause = (random: Random.Random, progress: Progress, pace: number) =>
  Effect.flatMap(random.nextRange(1, 1.2), (stretch) => {
    // What the server asked for is a lower bound, and is stretched too: it may have asked others for the same.
    const asked = progress.retryAfter * stretch
    const base = Math.max(pace, progress.widened * stretch)
    if (progress.faults === 0) return Effect.succeed(Math.max(base, asked))
    // A schedule without pauses must not hammer a server that is in trouble.
    const floor = Math.max(base, closest)
    const wider = Math.max(floor, Math.min(floor * 2 ** progress.faults, widest))
    return Effect.map(random.nextRange(0.75, 1.25), (spread) => Math.max(base, wider * spread, asked))
  })

const afterTrouble = (progress: Progress, pace: number, trouble: Trouble): Progress => {
  const asked = trouble._tag === "InvalidResponse" ? undefined : trouble.retryAfter
  const retryAfter = asked === undefined ? 0 : Duration.toMillis(asked)
  const next = { ...progress, trouble: Option.some(trouble), retryAfter }
  return trouble._tag === "RateLimited"
    ? {
        ...next,
        widened: Math.min(Math.max(2 * Math.max(pace, closest, progress.widened), retryAfter), Math.max(widest, pace))
      }
    : { ...next, faults: progress.faults + 1 }
}

type LookError = PlexAuth.GetTokenError | CryptoUnavailable | ClockWrong

/** What ends the loop. */
export type PollError = LookError | PinExpired

const isTrouble = (error: PollError): error is Trouble => isTransient(error) || error._tag === "InvalidResponse"

/** The pauses of a schedule, handed out without being slept; endless when the schedule ends. */
const pacesOf = (schedule: Schedule.Schedule<unknown>) =>
  schedule.pipe(
    Schedule.delays,
    Schedule.modifyDelay(() => Duration.zero),
    Schedule.driver,
    Effect.map((driver) =>
      driver.next(undefined).pipe(
        Effect.map(Duration.toMillis),
        Effect.orElseSucceed(() => Number.POSITIVE_INFINITY)
      )
    )
  )

/** What is told before a pause: why the last look came to nothing, if it was the look's fault. */
const eventOf = (lastTrouble: Trouble | undefined, left: number, delay: number): WaitEvent => {
  const times = { timeLeft: Duration.millis(left), nextLook: Duration.millis(delay) }
  if (lastTrouble === undefined) return SignInEvent.Waiting(times)
  return lastTrouble._tag === "RateLimited"
    ? SignInEvent.SlowedDown({ trouble: lastTrouble, ...times })
    : SignInEvent.Retrying({ trouble: lastTrouble, ...times })
}

/**
 * Looks at a PIN until it is claimed or its time is over. The rules are in the docs of `SignIn.wait`. With `atOnce` the
 * first look is not waited for.
 */
export const pollForClaim = Effect.fnUntraced(function* (
  pin: Pin,
  audience: Audience,
  { atOnce, deviceKey }: { readonly atOnce: boolean; readonly deviceKey?: DeviceKey | undefined }
): Effect.fn.Return<AccessToken, PollError, PlexAuth> {
  const plex = yield* PlexAuth
  const policy = yield* policyOver(plex)
  const nextPace = yield* pacesOf(policy.poll ?? defaultPoll)
  const request = { pinID: pin.id, xPlexClientIdentifier: pin.clientIdentifier }
  // Signed anew for each look: what a device signs does not live as long as a PIN.
  const look =
    deviceKey === undefined
      ? plex.getToken(request)
      : plexTime.pipe(
          Effect.flatMap((at) => signDeviceJwt(deviceKey, { clientIdentifier: pin.clientIdentifier, at })),
          Effect.flatMap((deviceJwt) => plex.getToken(request, deviceJwt)),
          orClockWrong("SignIn.wait")
        )
  // The same context for each look: a service may have prepared something for it.
  const context = Context.add(yield* Effect.context<PlexAuth>(), PlexAuthPolicy, {
    ...(yield* PlexAuthPolicy),
    retry: Schedule.stop
  })
  const untried: (current: Context.Context<never>) => Context.Context<PlexAuth> = constant(context)
  return yield* Effect.mapInputContext(
    untilClaimed(pin, audience, { atOnce, look: Effect.either(look), nextPace }),
    untried
  )
})

const untilClaimed = Effect.fnUntraced(function* (
  pin: Pin,
  audience: Audience,
  {
    atOnce,
    look,
    nextPace
  }: {
    readonly atOnce: boolean
    readonly look: Effect.Effect<Either.Either<GetTokenResponse, LookError>, never, PlexAuth>
    readonly nextPace: Effect.Effect<number>
  }
): Effect.fn.Return<AccessToken, PollError, PlexAuth> {
  const random = yield* Effect.random
  const clock = yield* Effect.clock
  const started = monotonicBy(clock)
  const deadline = started + timeLeft(pin, started)

  let progress = noProgress
  let lastTrouble: Trouble | undefined
  let answeredAt = Number.NEGATIVE_INFINITY
  while (true) {
    const pace = yield* nextPace
    const wished = atOnce && progress.looks === 0 ? 0 : Math.ceil(yield* pause(random, progress, pace))
    const now = monotonicBy(clock)
    const left = Math.max(deadline - now, 0)
    if (Option.isSome(progress.trouble) && progress.retryAfter > left) return yield* Effect.fail(progress.trouble.value)

    // Whoever gives up gets a last look too, but for what plex.tv asked for. It takes the place of one right before it.
    const soonest = Math.max(answeredAt + Math.max(Math.min(pace, closest), progress.retryAfter) - now, 0)
    const stop = Math.min(left, Math.max(audience.patience() - now, soonest))
    const delay = wished + Math.min(pace, closest) > stop ? stop : wished
    audience.hears(eventOf(lastTrouble, left, delay))
    yield* audience.pauses(delay)
    const woken = monotonicBy(clock)
    if (woken < now + delay) yield* Effect.sleep(Math.min(Math.max(now + soonest - woken, 0), now + delay - woken))
    const isLast = monotonicBy(clock) >= deadline
    const answer = yield* look
    answeredAt = monotonicBy(clock)
    const looked = { ...progress, looks: progress.looks + 1, retryAfter: 0 }
    lastTrouble = undefined

    if (Either.isRight(answer)) {
      if (Option.isSome(answer.right.authToken)) return answer.right.authToken.value
      progress = { ...looked, seen: true, faults: 0 }
    } else if (isTrouble(answer.left)) {
      lastTrouble = answer.left
      progress = afterTrouble(looked, pace, answer.left)
    } else if (answer.left._tag !== "PinNotFound" || !(isLast || progress.seen)) {
      return yield* Effect.fail(answer.left)
    } else if (!isLast) {
      const { code, operation, status } = answer.left
      return yield* new PinNotFound({ operation, status, code, reasons: ["expired"] })
    } else {
      progress = looked
    }

    const ended = answeredAt
    if (isLast || ended >= deadline) {
      return yield* new PinExpired({
        waited: Duration.millis(ended - started),
        looks: progress.looks,
        lastTrouble: Option.getOrUndefined(progress.trouble)
      })
    }
    audience.sees(progress, ended)
  }
})
