import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { AccessToken } from "../AccessToken.js"
import type { Pin } from "../Pin.js"
import { PlexAuth } from "../PlexAuth.js"
import { isTransient, PinExpired, PinNotFound } from "../PlexAuthError.js"
import type { InvalidResponse, PlexUnavailable, RateLimited } from "../PlexAuthError.js"
import { defaultPoll, PlexAuthPolicy } from "../PlexAuthPolicy.js"
import { builtPolicy } from "./builtPolicy.js"
import { longestLifetime } from "./makePin.js"
import { monotonicNow } from "./monotonic.js"
import { overridden } from "./overridden.js"

type Trouble = RateLimited | PlexUnavailable | InvalidResponse

/** What the loop remembers from one look to the next. Times are in milliseconds. */
interface State {
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

const start: State = { looks: 0, seen: false, faults: 0, widened: 0, trouble: Option.none(), retryAfter: 0 }

/** No fault widens the interval beyond this, unless the poll schedule itself is slower. */
const widest = 15_000

/**
 * The pause before the next look. `pace` is the schedule's own, already jittered. Each fault in a row doubles it; the
 * spread is wide, so that clients whose server comes back do not come back together.
 */
const pause = (state: State, pace: number) =>
  Effect.gen(function* () {
    const stretch = yield* Random.nextRange(1, 1.2)
    // What the server asked for is a lower bound, and is stretched too: it may have asked others for the same.
    const asked = state.retryAfter * stretch
    const base = Math.max(pace, state.widened * stretch)
    if (state.faults === 0) return Math.max(base, asked)
    const wider = Math.max(base, Math.min(base * 2 ** state.faults, widest))
    return Math.max(base, wider * (yield* Random.nextRange(0.75, 1.25)), asked)
  })

const afterTrouble = (state: State, pace: number, trouble: Trouble): State => {
  const asked = trouble._tag === "InvalidResponse" ? undefined : trouble.retryAfter
  const retryAfter = asked === undefined ? 0 : Duration.toMillis(asked)
  const next = { ...state, trouble: Option.some(trouble), retryAfter }
  return trouble._tag === "RateLimited"
    ? { ...next, widened: Math.min(Math.max(2 * Math.max(pace, state.widened), retryAfter), Math.max(widest, pace)) }
    : { ...next, faults: state.faults + 1 }
}

const isTrouble = (error: PlexAuth.GetTokenError): error is Trouble =>
  isTransient(error) || error._tag === "InvalidResponse"

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

/**
 * The time that is left for a PIN. One that was stored by another process, or another machine, may have been received
 * at a time that makes no sense here.
 */
const timeLeft = (pin: Pin, now: number) => {
  const lifetime = Duration.toMillis(Duration.min(pin.expiresIn, longestLifetime))
  return Math.min(Math.max(DateTime.toEpochMillis(pin.receivedAt) + lifetime - now, 0), lifetime)
}

/** Looks at a PIN until it is claimed or its time is over. The rules are in the docs of `SignIn.wait`. */
export const pollForClaim = Effect.fnUntraced(function* (
  pin: Pin
): Effect.fn.Return<AccessToken, PlexAuth.GetTokenError | PinExpired, PlexAuth> {
  const plex = yield* PlexAuth
  const policy = overridden(builtPolicy(plex), yield* PlexAuthPolicy)
  const nextPace = yield* pacesOf(policy.poll ?? defaultPoll)
  const now = Effect.map(monotonicNow, DateTime.toEpochMillis)
  const started = yield* now
  const deadline = started + timeLeft(pin, started)

  const look = plex
    .getToken({ pinID: pin.id, xPlexClientIdentifier: pin.clientIdentifier })
    .pipe(PlexAuthPolicy.with({ retry: Schedule.stop }), Effect.either)

  let state = start
  while (true) {
    const pace = yield* nextPace
    const delay = Math.ceil(yield* pause(state, pace))
    const left = Math.max(deadline - (yield* now), 0)
    if (Option.isSome(state.trouble) && state.retryAfter > left) return yield* Effect.fail(state.trouble.value)

    const isLast = delay >= left
    yield* Effect.sleep(Math.min(delay, left))
    const answer = yield* look
    const looked = { ...state, looks: state.looks + 1, retryAfter: 0 }

    if (Either.isRight(answer)) {
      if (Option.isSome(answer.right.authToken)) return answer.right.authToken.value
      state = { ...looked, seen: true, faults: 0 }
    } else if (isTrouble(answer.left)) {
      state = afterTrouble(looked, pace, answer.left)
    } else if (answer.left._tag !== "PinNotFound" || !(isLast || state.seen)) {
      return yield* Effect.fail(answer.left)
    } else if (!isLast) {
      const { code, operation, status } = answer.left
      return yield* new PinNotFound({ operation, status, code, reasons: ["expired"] })
    } else {
      state = looked
    }

    const ended = yield* now
    if (isLast || ended >= deadline) {
      return yield* new PinExpired({
        waited: Duration.millis(ended - started),
        looks: state.looks,
        lastTrouble: Option.getOrUndefined(state.trouble)
      })
    }
  }
})
