/**
 * The flows over `PlexAuth`: create a PIN, show it, wait for the token.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Take from "effect/Take"
import type { AccessToken } from "./AccessToken.js"
import type { CreatePinRequest } from "./CreatePinRequest.js"
import type { Credentials } from "./Credentials.js"
import { CredentialStore } from "./CredentialStore.js"
import { issueToken } from "./internal/issueToken.js"
import { monotonicMillis } from "./internal/monotonic.js"
import { sameClient } from "./internal/sameClient.js"
import { signIn } from "./internal/runSignIn.js"
import { timeLeft as millisLeft } from "./internal/timeLeft.js"
import { waiting } from "./internal/waiting.js"
import { LinkPin, StrongPin } from "./Pin.js"
import type { Pin } from "./Pin.js"
import { PlexAuth } from "./PlexAuth.js"
import { InvalidResponse } from "./PlexAuthError.js"
import type { DeviceKey } from "./DeviceKey.js"
import type { ClockWrong, CryptoUnavailable, UntrustedToken } from "./DeviceKeyError.js"
import type { ClientIdentifierMismatch, PinExpired, PinNotClaimed } from "./PlexAuthError.js"
import type { PlexClientInfo } from "./PlexClientInfo.js"
import type { SignInEvent, WaitEvent } from "./SignInEvent.js"

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
export type WaitError = PlexAuth.GetTokenError | PinExpired | CryptoUnavailable | ClockWrong

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
 * - `deviceKey` is the key that the PIN was created with, if it was: each look is signed with it anew.
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
  readonly onEvent?: ((event: WaitEvent) => Effect.Effect<void, never, R>) | undefined
  readonly deviceKey?: DeviceKey | undefined
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
 * - `PinNotFound` and each other error of `PlexAuth.getToken` at once;
 * - `DeviceJwtRejected`, `ClockWrong` or `CryptoUnavailable` for a PIN with a device's key; and `InvalidRequest` when the
 *   `deviceKey` is not the one that it was created with.
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
export const wait = <R = never>(
  pin: Pin,
  options: WaitOptions<R> = {}
): Effect.Effect<AccessToken, WaitError, PlexAuth | R> =>
  Effect.catchTag(
    waiting(pin, { patience: Number.POSITIVE_INFINITY, atOnce: false, deviceKey: options.deviceKey }, options.onEvent),
    "PinNotClaimed",
    // Whose patience has no end never loses it.
    Effect.die
  )

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
export const resume = <R = never>(
  pin: Pin,
  options?: WaitOptions<R>
): Effect.Effect<AccessToken, ResumeError, PlexAuth | PlexClientInfo | R> =>
  Effect.zipRight(sameClient("SignIn.resume", pin.clientIdentifier), wait(pin, options))

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
  options: {
    readonly within?: Duration.DurationInput | undefined
    readonly deviceKey?: DeviceKey | undefined
  } = {}
): Effect.Effect<AccessToken, WaitError | PinNotClaimed, PlexAuth> =>
  waiting(pin, {
    patience: Math.ceil(Duration.toMillis(options.within ?? "10 seconds")),
    atOnce: true,
    deviceKey: options.deviceKey
  })

/**
 * What {@link run} is told.
 *
 * - `show` gets each PIN that the user is to claim, and shows it. What it needs to be cleaned up, such as a countdown, it
 *   can leave to its scope: that is closed when the wait for this PIN is over. The wait begins when `show` is done.
 * - `strong` says which kind of PIN it is, as for {@link start}. A link PIN by default.
 * - `jwt` asks for a token that lives for seven days, issued for the store's device key; `PlexSession` refreshes it. A
 *   legacy token by default. A key has one user: give each account that signs in like that a store of its own.
 * - `replacements` says how often a PIN that expired is replaced by a new one. 2 by default: three PINs in all.
 * - `within` bounds the wait for the user, all PINs together, from the moment at which this run has its turn over the store.
 *   Without it the PINs' own lives are the bound.
 * - `resume` takes up what an earlier run left in the store: a token whose account is not known yet, or a PIN of this kind
 *   that still lives. What is of no use any more is passed over, and a new PIN created.
 * - `onEvent` runs for each event, in order; see `SignInEvent`. Those of the wait do not hold it up. `Created`, `Replaced`,
 *   `Claimed` and `SignedIn` are waited for.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { LinkPin, SignIn } from "@plex-auth/core"
 * import { Console } from "effect"
 *
 * const options: SignIn.RunOptions<LinkPin, never, never, never> = {
 *   show: (pin) => Console.log(`Enter ${pin.code} at https://plex.tv/link`),
 *   onEvent: (event) => Console.log(event._tag),
 *   replacements: 1,
 *   within: "20 minutes"
 * }
 * ```
 */
export interface RunOptions<P extends Pin, E, R, R2> extends Omit<CreatePinRequest.Input, "strong" | "jwk"> {
  readonly show: (pin: P) => Effect.Effect<void, E, R>
  readonly jwt?: boolean | undefined
  readonly replacements?: number | undefined
  readonly within?: Duration.DurationInput | undefined
  readonly resume?: boolean | undefined
  readonly onEvent?: ((event: SignInEvent) => Effect.Effect<void, never, R2>) | undefined
}

/**
 * What {@link run} can fail with, besides what its hook does.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import type { SignIn } from "@plex-auth/core"
 *
 * const exitCode = (error: SignIn.RunError): number => (error._tag === "PinExpired" ? 3 : 1)
 * ```
 */
export type RunError =
  PlexAuth.CreatePinError | PlexAuth.AccountError | ResumeError | PinNotClaimed | UntrustedToken | CredentialStore.Error

/**
 * Signs a user in, from the PIN to the stored credentials: creates a PIN, hands it to `show`, waits for the claim, stores
 * the token, reads whose it is, and stores that too. A PIN that expires is replaced by a new one.
 *
 * The PIN is stored before it is shown, and the token before anything else is done with it, so that `resume` can go on
 * after a crash or an interruption at any moment. What was stored before, an earlier token of the same account among it,
 * stays until the new token has been verified. Of several runs over one store, one is under way at a time: plex.tv keeps
 * one token for an account and a client identifier.
 *
 * Fails with
 * - `PinExpired` or `PinNotFound` when the last PIN is gone, `PinNotClaimed` when `within` is over;
 * - `StoreUnavailable` or `StoreDamaged` when the store fails, before the user is bothered if it does so from the start;
 * - `Unauthorized` or `TokenExpired` when the token is not valid any more when it is verified; the store forgets it;
 * - with `jwt`, `DeviceKeyTaken`, `DeviceJwtRejected`, `ClockWrong` or `CryptoUnavailable` when the key is of no use, and
 *   `UntrustedToken` when the token is not one of plex.tv's; the store forgets it;
 * - `ClientIdentifierMismatch` when `resume` finds what belongs to another client identifier;
 * - each other error of `PlexAuth.createPin`, {@link wait} and `PlexAuth.account`; a token that was read is in the store.
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
 *   const { account, token } = yield* SignIn.run({
 *     show: (pin) => Console.log(`Enter ${pin.code} at https://plex.tv/link`)
 *   })
 *   yield* Console.log(`Hello, ${account.displayName}`)
 *   return token
 * })
 * ```
 */
export const run = <E, R, R2 = never>(
  options:
    | (RunOptions<LinkPin, E, R, R2> & { readonly strong?: false | undefined })
    | (RunOptions<StrongPin, E, R, R2> & { readonly strong: true })
): Effect.Effect<
  Credentials,
  RunError | E,
  PlexAuth | PlexClientInfo | CredentialStore | Exclude<R, Scope.Scope> | R2
> => {
  const { xPlexClientIdentifier, xPlexProduct } = options
  const request = { xPlexClientIdentifier, xPlexProduct }
  return options.strong === true
    ? signIn(options, Schema.is(StrongPin), (jwk) => start({ ...request, jwk, strong: true }))
    : signIn(options, Schema.is(LinkPin), (jwk) => start({ ...request, jwk, strong: false }))
}

/**
 * What {@link upgrade} can fail with.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import type { SignIn } from "@plex-auth/core"
 *
 * const isWorthANewKey = (error: SignIn.UpgradeError): boolean => error._tag === "DeviceKeyTaken"
 * ```
 */
export type UpgradeError =
  | PlexAuth.RegisterKeyError
  | PlexAuth.ExchangeJwtError
  | ClientIdentifierMismatch
  | ClockWrong
  | CryptoUnavailable
  | UntrustedToken
  | CredentialStore.Error

/**
 * Turns a legacy token into one that lives for seven days: registers the store's device key by it, and has plex.tv issue a
 * token for the key. The user need not do anything. The legacy token ends with that; it stays in the store until the new one
 * has been verified. Called again after a crash or an interruption it goes on where it was.
 *
 * Fails with
 * - `Unauthorized` when the legacy token is not valid any more;
 * - `DeviceKeyTaken` or `DeviceJwtRejected` when the key is another device's, or not registered;
 * - `ClockWrong`, `CryptoUnavailable`, `UntrustedToken`; `StoreUnavailable` or `StoreDamaged` when the store fails;
 * - `ClientIdentifierMismatch`, before anything is sent, when the token was made for another client identifier;
 * - each other error of `PlexAuth.registerKey`, `PlexAuth.exchangeJwt` and `PlexAuth.keys`.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { CredentialStore, SignIn } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const store = yield* CredentialStore
 *   const [last] = yield* store.credentials
 *   return last === undefined ? undefined : yield* SignIn.upgrade(last)
 * })
 * ```
 */
export const upgrade = (
  credentials: Credentials
): Effect.Effect<Credentials, UpgradeError, PlexAuth | PlexClientInfo | CredentialStore> =>
  Effect.gen(function* () {
    yield* sameClient("SignIn.upgrade", credentials.clientIdentifier)
    const plex = yield* PlexAuth
    const store = yield* CredentialStore
    const { publicJwk } = yield* store.deviceKey
    const issued = issueToken("SignIn.upgrade", credentials, [])
    return yield* plex.registerKey(credentials.token, publicJwk).pipe(
      Effect.zipRight(issued),
      // The legacy token ends with the first one that is issued for the key: an earlier run may have come as far as that.
      Effect.catchTag("Unauthorized", (error) => Effect.catchTag(issued, "DeviceJwtRejected", () => Effect.fail(error)))
    )
  })

/**
 * {@link run} as the stream of its events, for a program that is made of streams: a PIN is shown when `Created` or
 * `Replaced` brings it, and `SignedIn` with the credentials is the last one. Fails like {@link run}.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { SignIn, SignInEvent } from "@plex-auth/core"
 * import { Console, Stream } from "effect"
 *
 * const program = SignIn.events({ within: "5 minutes" }).pipe(
 *   Stream.filter(SignInEvent.$is("SignedIn")),
 *   Stream.runForEach(({ credentials }) => Console.log(`Hello, ${credentials.account.displayName}`))
 * )
 * ```
 */
export const events = (
  options: Omit<RunOptions<Pin, never, never, never>, "show" | "onEvent"> & {
    readonly strong?: boolean | undefined
  } = {}
): Stream.Stream<SignInEvent, RunError, PlexAuth | PlexClientInfo | CredentialStore> =>
  Stream.unwrapScoped(
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<Take.Take<SignInEvent, RunError>>()
      const hooks = {
        show: () => Effect.void,
        onEvent: (event: SignInEvent) => Queue.offer(queue, Take.of(event))
      }
      const { strong, ...others } = options
      const signedIn = strong === true ? run({ ...others, ...hooks, strong }) : run({ ...others, ...hooks })
      yield* signedIn.pipe(
        Effect.matchCauseEffect({
          onFailure: (cause) => Queue.offer(queue, Take.failCause(cause)),
          onSuccess: () => Queue.offer(queue, Take.end)
        }),
        Effect.forkScoped
      )
      return Stream.flattenTake(Stream.fromQueue(queue))
    })
  )

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
