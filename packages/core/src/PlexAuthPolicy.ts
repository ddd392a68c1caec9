/**
 * How long to wait and how often to try.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { overridden } from "./internal/overridden.js"
import { isTransient } from "./PlexAuthError.js"
import type { PlexAuthError } from "./PlexAuthError.js"

/**
 * Three attempts in all: exponential from half a second on, each pause 80 to 120 % of its nominal length.
 *
 * @since 0.1.0
 * @category schedules
 * @example
 * ```ts
 * import { defaultRetry, PlexAuthPolicy } from "@plex-auth/core"
 * import { Schedule } from "effect"
 *
 * const patient = PlexAuthPolicy.layer({ retry: defaultRetry.pipe(Schedule.andThen(Schedule.spaced("1 minute"))) })
 * ```
 */
export const defaultRetry: Schedule.Schedule<unknown> = Schedule.exponential("500 millis").pipe(
  Schedule.jittered,
  Schedule.intersect(Schedule.recurs(2))
)

/**
 * Once a second, as Plex asks, for the first two minutes; then every four seconds up to some ten minutes; then every
 * five. Each pause is stretched by up to a fifth, never shortened, so that clients do not ask in step.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schedules
 * @example
 * ```ts
 * import { defaultPoll, PlexAuthPolicy } from "@plex-auth/core"
 * import { Schedule } from "effect"
 *
 * const slower = PlexAuthPolicy.layer({ poll: defaultPoll.pipe(Schedule.addDelay(() => "2 seconds")) })
 * ```
 */
export const defaultPoll: Schedule.Schedule<unknown> = Schedule.spaced("1 second").pipe(
  Schedule.intersect(Schedule.recurs(110)),
  Schedule.andThen(Schedule.spaced("4 seconds").pipe(Schedule.intersect(Schedule.recurs(110)))),
  Schedule.andThen(Schedule.spaced("5 seconds")),
  Schedule.jitteredWith({ min: 1, max: 1.2 })
)

/**
 * How long to wait and how often to try. It has a default, so no program has to provide it.
 *
 * It can be set for a whole program with `PlexAuthPolicy.layer`, under the layer that makes `PlexAuth` or beside it, and for
 * a part of a program with `PlexAuthPolicy.with`. Each sets what it is given; of what is set twice, the nearest to the call
 * wins.
 *
 * @since 0.1.0
 * @category policy
 * @example
 * ```ts
 * import { PlexAuth, PlexAuthPolicy } from "@plex-auth/core"
 * import { Effect, Schedule } from "effect"
 *
 * // For this call alone: give up after two seconds, and don't try again.
 * const program = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   return yield* plex
 *     .getToken({ pinID: "1272322473" })
 *     .pipe(PlexAuthPolicy.with({ requestTimeout: "2 seconds", retry: Schedule.stop }))
 * })
 * ```
 */
export class PlexAuthPolicy extends Context.Reference<PlexAuthPolicy>()("@plex-auth/core/PlexAuthPolicy", {
  defaultValue: (): Partial<PlexAuthPolicy.Service> => ({})
}) {
  /**
   * What holds here: what was set, and the defaults for the rest.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexAuthPolicy } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const timeout = Effect.map(PlexAuthPolicy.resolved, ({ requestTimeout }) => requestTimeout)
   * ```
   */
  static readonly resolved: Effect.Effect<PlexAuthPolicy.Service> = Effect.suspend(() =>
    Effect.map(PlexAuthPolicy, (set) => overridden(defaults, set))
  )

  /**
   * A layer that sets what is given and leaves the rest as it is.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexAuthPolicy } from "@plex-auth/core"
   * import { Schedule } from "effect"
   *
   * const Hasty = PlexAuthPolicy.layer({ requestTimeout: "3 seconds", retry: Schedule.stop })
   * ```
   */
  static layer(policy: Partial<PlexAuthPolicy.Service>): Layer.Layer<PlexAuthPolicy> {
    return Layer.effect(
      PlexAuthPolicy,
      Effect.map(PlexAuthPolicy, (current) => overridden(current, policy))
    )
  }

  /**
   * Sets what is given around an effect and leaves the rest as it is.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexAuthPolicy, SignIn } from "@plex-auth/core"
   * import type { Pin } from "@plex-auth/core"
   * import { Schedule } from "effect"
   *
   * const wait = (pin: Pin) => SignIn.wait(pin).pipe(PlexAuthPolicy.with({ poll: Schedule.spaced("5 seconds") }))
   * ```
   */
  static with(policy: Partial<PlexAuthPolicy.Service>) {
    return <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.flatMap(PlexAuthPolicy, (current) =>
        Effect.provideService(effect, PlexAuthPolicy, overridden(current, policy))
      )
  }

  /**
   * Tries an effect again by the policy's `retry` schedule: only after a transient error, never before the server's
   * `Retry-After` is over, and not at all when that is longer than `retryAfterLimit`. For requests that may be repeated.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexAuth, PlexAuthPolicy } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * // A PIN too many does no harm here, so this is tried again as well.
   * const createPin = PlexAuthPolicy.retry(Effect.flatMap(PlexAuth, (plex) => plex.createPin()))
   * ```
   */
  static retry<A, E extends PlexAuthError, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.catchAll(effect, (failed) => (isTransient(failed) ? retrying(effect, failed) : Effect.fail(failed)))
  }
}

/** Most calls succeed at once: the schedule is set up for those that do not. It sees the first failure as it sees the others. */
const retrying = <A, E extends PlexAuthError, R>(effect: Effect.Effect<A, E, R>, failed: E): Effect.Effect<A, E, R> =>
  Effect.flatMap(PlexAuthPolicy.resolved, ({ retry, retryAfterLimit }) => {
    let attempt: Effect.Effect<A, E, R> = Effect.fail(failed)
    const next = Effect.suspend(() => {
      const current = attempt
      attempt = effect
      return current
    })
    return Effect.retry(next, {
      while: (error) => isTransient(error) && Duration.lessThanOrEqualTo(retryAfter(error), retryAfterLimit),
      schedule: retry.pipe(
        Schedule.passthrough,
        // Whole milliseconds: at a fraction of one, the nanoseconds of TestClock die.
        Schedule.modifyDelay((error, delay) =>
          Duration.max(Math.ceil(Duration.toMillis(delay)), Math.ceil(Duration.toMillis(retryAfter(error))))
        )
      )
    })
  })

const defaults: PlexAuthPolicy.Service = {
  requestTimeout: Duration.seconds(10),
  retry: defaultRetry,
  retryAfterLimit: Duration.minutes(1),
  poll: defaultPoll
}

const retryAfter = (error: PlexAuthError): Duration.Duration =>
  (isTransient(error) ? error.retryAfter : undefined) ?? Duration.zero

/**
 * The parts of a policy.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { PlexAuthPolicy } from "@plex-auth/core"
 *
 * const hasty: Partial<PlexAuthPolicy.Service> = { requestTimeout: "3 seconds" }
 * ```
 */
export declare namespace PlexAuthPolicy {
  /**
   * - `requestTimeout`: how long one request may take, its body included. 10 s.
   * - `retry`: when a request that may be repeated is tried again after a transient error. Its input is the error.
   *   {@link defaultRetry}.
   * - `retryAfterLimit`: the longest `Retry-After` that a retry waits for; with a longer one the error comes out at once.
   *   It does not bind the wait for a claim, whose bound is the PIN's deadline. 1 minute.
   * - `poll`: the pauses before each look at a PIN that waits to be claimed, the first one included. A schedule that ends
   *   leaves one look, at the PIN's deadline. {@link defaultPoll}.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexAuthPolicy } from "@plex-auth/core"
   * import { Effect, Schedule } from "effect"
   *
   * const test: PlexAuthPolicy.Service = {
   *   requestTimeout: "1 second",
   *   retry: Schedule.stop,
   *   retryAfterLimit: 0,
   *   poll: Schedule.spaced("1 second")
   * }
   *
   * const underTest = Effect.provideService(PlexAuthPolicy, test)
   * ```
   */
  export interface Service {
    readonly requestTimeout: Duration.DurationInput
    readonly retry: Schedule.Schedule<unknown, PlexAuthError>
    readonly retryAfterLimit: Duration.DurationInput
    readonly poll: Schedule.Schedule<unknown>
  }
}
