/**
 * The flows over `PlexAuth`: create a PIN, show it, wait for the token.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { AccessToken } from "./AccessToken.js"
import type { ClientIdentifier } from "./ClientIdentifier.js"
import type { CreatePinRequest } from "./CreatePinRequest.js"
import { monotonicMillis } from "./internal/monotonic.js"
import { sharedPoll } from "./internal/sharedPoll.js"
import type { Waiting } from "./internal/sharedPoll.js"
import { timeLeft as millisLeft } from "./internal/timeLeft.js"
import type { LinkPin, Pin, StrongPin } from "./Pin.js"
import { PlexAuth } from "./PlexAuth.js"
import { ClientIdentifierMismatch, InvalidResponse } from "./PlexAuthError.js"
import type { PinExpired, PinNotClaimed } from "./PlexAuthError.js"
import { PlexClientInfo } from "./PlexClientInfo.js"
import type { WaitEvent } from "./SignInEvent.js"

/**
 * What {@link wait} can fail with.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import type { SignIn } from "@plex-auth/core"
 *
 * const isWorthANewPin = (error: SignIn.WaitError): boolean =>
 *   error._tag === "PinExpired" || error._tag === "PinNotFound"
 * ```
 */
export type WaitError = PlexAuth.GetTokenError | PinExpired

/**
 * Creates the PIN that a sign-in begins with: a `StrongPin` with `strong: true`, to be claimed in the auth app; else a
 * `LinkPin`, to be claimed at https://plex.tv/link. Fails like `PlexAuth.createPin`.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const pin = yield* SignIn.start()
 *   yield* Console.log(`Enter ${pin.code} at https://plex.tv/link`)
 *   return yield* SignIn.wait(pin)
 * })
 * ```
 */
export function start(
  request: CreatePinRequest.Input & { readonly strong: true }
): Effect.Effect<StrongPin, PlexAuth.CreatePinError, PlexAuth>
export function start(
  request?: CreatePinRequest.Input & { readonly strong?: false | undefined }
): Effect.Effect<LinkPin, PlexAuth.CreatePinError, PlexAuth>
export function start(request: CreatePinRequest.Input): Effect.Effect<Pin, PlexAuth.CreatePinError, PlexAuth>
export function start(request: CreatePinRequest.Input = {}): Effect.Effect<Pin, PlexAuth.CreatePinError, PlexAuth> {
  return Effect.flatMap(PlexAuth, (plex) => plex.createPin(request)).pipe(
    Effect.filterOrFail(
      (pin) => pin._tag === (request.strong === true ? "StrongPin" : "LinkPin"),
      () => new InvalidResponse({ operation: "PlexAuth.createPin", reason: "unexpected", status: 201, paths: ["code"] })
    )
  )
}

/**
 * What {@link wait} and {@link resume} may be told.
 *
 * - `onEvent` runs for each event of the wait, in order. It does not hold the wait up, and ends with it.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import type { Pin } from "@plex-auth/core"
 * import { Console, Duration } from "effect"
 *
 * const options: SignIn.WaitOptions<never> = {
 *   onEvent: (event) => Console.log(`${event._tag}, ${Duration.format(event.timeLeft)} left`)
 * }
 *
 * const wait = (pin: Pin) => SignIn.wait(pin, options)
 * ```
 */
export interface WaitOptions<R> {
  readonly onEvent: (event: WaitEvent) => Effect.Effect<void, never, R>
}

/**
 * Waits until the user has claimed a PIN, and gives the token.
 *
 * One loop, paced by `PlexAuthPolicy.poll`, until the PIN's deadline: `expiresIn` from the moment at which the PIN
 * arrived, on a clock that only goes forward. A last look is taken at the deadline, and may take as long as a request
 * may. Trouble on the way (`RateLimited`, `PlexUnavailable`, `InvalidResponse`) does not end the wait but widens its
 * interval, up to some 15 seconds; `Retry-After` is honoured, and after a 429 the interval stays wider. There is no
 * other retry below it. Several who wait for one PIN of one `PlexAuth` share the loop, at the pace of the first of them.
 * Interrupting the last of them ends the request in flight.
 *
 * Fails with
 * - `PinExpired` when nobody claimed the PIN in time, with the last trouble on the way;
 * - `RateLimited` or `PlexUnavailable` at once when the server asks to be left alone for longer than the PIN lives;
 * - `PinNotFound` and each other error of `PlexAuth.getToken` at once.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { PlexAuth, SignIn } from "@plex-auth/core"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   const pin = yield* SignIn.start()
 *   yield* Console.log(`Enter ${pin.code} at https://plex.tv/link`)
 *   const token = yield* SignIn.wait(pin)
 *   const account = yield* plex.account(token)
 *   yield* Console.log(`Hello, ${account.displayName}`)
 * })
 * ```
 */
export function wait<R>(pin: Pin, options: WaitOptions<R>): Effect.Effect<AccessToken, WaitError, PlexAuth | R>
export function wait(pin: Pin): Effect.Effect<AccessToken, WaitError, PlexAuth>
export function wait<R>(pin: Pin, options?: WaitOptions<R>): Effect.Effect<AccessToken, WaitError, PlexAuth | R> {
  return patiently(pin, options)
}

const patiently = <R>(pin: Pin, options: WaitOptions<R> | undefined) =>
  Effect.catchTag(
    waiting(pin, { patience: Number.POSITIVE_INFINITY, atOnce: false }, options),
    "PinNotClaimed",
    // Whose patience has no end never loses it.
    Effect.die
  )

/** Waits, with the hook running beside it. */
const waiting = <R = never>(
  pin: Pin,
  how: Omit<Waiting, "hears">,
  options?: WaitOptions<R>
): Effect.Effect<AccessToken, WaitError | PinNotClaimed, PlexAuth | R> => {
  if (options === undefined) return sharedPoll(pin, { ...how, hears: () => undefined })
  return Effect.flatMap(Queue.unbounded<WaitEvent>(), (events) =>
    Effect.raceFirst(
      sharedPoll(pin, { ...how, hears: (event) => void Queue.unsafeOffer(events, event) }),
      Effect.forever(Effect.flatMap(Queue.take(events), options.onEvent))
    )
  )
}

/**
 * What {@link resume} can fail with.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import type { SignIn } from "@plex-auth/core"
 *
 * const isWorthANewPin = (error: SignIn.ResumeError): boolean => error._tag !== "ClientIdentifierMismatch"
 * ```
 */
export type ResumeError = WaitError | ClientIdentifierMismatch

/**
 * Waits on for a PIN that was stored (`Pin` is a schema), by another process perhaps. Does what {@link wait} does, and
 * fails like it; and with `ClientIdentifierMismatch`, before anything is sent, when the PIN was made with another client
 * identifier than that of `PlexClientInfo`.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { Pin, SignIn } from "@plex-auth/core"
 * import { Effect, Schema } from "effect"
 *
 * const resume = (stored: string) =>
 *   Effect.flatMap(Schema.decode(Schema.parseJson(Pin))(stored), (pin) => SignIn.resume(pin))
 * ```
 */
export function resume<R>(
  pin: Pin,
  options: WaitOptions<R>
): Effect.Effect<AccessToken, ResumeError, PlexAuth | PlexClientInfo | R>
export function resume(pin: Pin): Effect.Effect<AccessToken, ResumeError, PlexAuth | PlexClientInfo>
export function resume<R>(
  pin: Pin,
  options?: WaitOptions<R>
): Effect.Effect<AccessToken, ResumeError, PlexAuth | PlexClientInfo | R> {
  return Effect.zipRight(sameClient("SignIn.resume", pin.clientIdentifier), patiently(pin, options))
}

/** Whoever has a client identifier of their own can't read the PIN of another one. */
const sameClient = (
  operation: string,
  clientIdentifier: ClientIdentifier
): Effect.Effect<void, ClientIdentifierMismatch, PlexClientInfo> =>
  Effect.flatMap(PlexClientInfo, (client) =>
    client.clientIdentifier === undefined || client.clientIdentifier === clientIdentifier
      ? Effect.void
      : new ClientIdentifierMismatch({ operation })
  )

/**
 * Reads the token of a PIN whose user has come back, as a web page does when the auth app forwards its user: the first
 * look is at once, and since the token may appear a moment after the user does, others follow for as long as `within`
 * says, 10 seconds by default. Otherwise it is {@link wait}, and shares its loop with whoever waits for the same PIN.
 *
 * Fails with `PinNotClaimed` when nobody claimed the PIN in that time, as when the user came back without signing in;
 * with `RateLimited` or `PlexUnavailable` when plex.tv asks to be left alone for longer; and like {@link wait}.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import type { StrongPin } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * // In the handler of the page that `forwardUrl` leads to.
 * const signedIn = (pin: StrongPin) =>
 *   SignIn.complete(pin, { within: "5 seconds" }).pipe(
 *     Effect.asSome,
 *     Effect.catchTag("PinNotClaimed", () => Effect.succeedNone)
 *   )
 * ```
 */
export const complete = (
  pin: Pin,
  options: { readonly within?: Duration.DurationInput | undefined } = {}
): Effect.Effect<AccessToken, WaitError | PinNotClaimed, PlexAuth> =>
  waiting(pin, { patience: Math.ceil(Duration.toMillis(options.within ?? "10 seconds")), atOnce: true })

/**
 * How long a PIN lives yet, on the clock that {@link wait} goes by. Zero when its time is over.
 *
 * @since 0.1.0
 * @category getters
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import type { Pin } from "@plex-auth/core"
 * import { Duration, Effect } from "effect"
 *
 * const line = (pin: Pin) => Effect.map(SignIn.timeLeft(pin), (left) => `${Duration.format(left)} left`)
 * ```
 */
export const timeLeft = (pin: Pin): Effect.Effect<Duration.Duration> =>
  Effect.map(monotonicMillis, (now) => Duration.millis(millisLeft(pin, now)))
