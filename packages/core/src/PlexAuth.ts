/**
 * The service: the primitive operations of a sign-in, one request each.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Tracer from "effect/Tracer"
import type { AccessToken } from "./AccessToken.js"
import type { Account } from "./Account.js"
import type { ClientIdentifier } from "./ClientIdentifier.js"
import type { CreatePinRequest } from "./CreatePinRequest.js"
import type { CreatePinResponse } from "./CreatePinResponse.js"
import type { DeviceJwt } from "./DeviceJwt.js"
import type { DeviceJwtRejected, DeviceKeyTaken } from "./DeviceKeyError.js"
import type { GetTokenRequest } from "./GetTokenRequest.js"
import type { GetTokenResponse } from "./GetTokenResponse.js"
import type { HomeUser } from "./HomeUser.js"
import { rememberPolicy } from "./internal/builtPolicy.js"
import { clientIdentifierOf } from "./internal/clientIdentifierOf.js"
import {
  decodeCreatePin,
  decodeDeviceJwt,
  decodeGetToken,
  decodeLinkCode,
  decodeRegisterKey,
  decodeSwitchUser,
  decodeToken
} from "./internal/requests.js"
import { makePin } from "./internal/makePin.js"
import { overridden } from "./internal/overridden.js"
import type { Pin } from "./Pin.js"
import type {
  ClientIdentifierMissing,
  HomePinRejected,
  InvalidRequest,
  InvalidResponse,
  PinNotFound,
  PlexUnavailable,
  RateLimited,
  Rejected,
  TokenExpired,
  Unauthorized
} from "./PlexAuthError.js"
import { PlexAuthPolicy } from "./PlexAuthPolicy.js"
import { PlexClientInfo } from "./PlexClientInfo.js"
import type { PlexKey } from "./PlexKeys.js"
import type { PublicJwk } from "./PublicJwk.js"
import type { Resource } from "./Resource.js"
import type { SwitchUserRequest } from "./SwitchUserRequest.js"
import type { SwitchUserResponse } from "./SwitchUserResponse.js"

/**
 * Signing in to Plex: the primitive operations, one request each.
 *
 * The flows over them are in `SignIn`. `@plex-auth/http` has the layer that talks to plex.tv, `PlexAuthTest` those for
 * tests; `Layer.mock(PlexAuth, { getToken: … })` does for a single member.
 *
 * @since 0.1.0
 * @category services
 * @example
 * ```ts
 * import { PlexAuth } from "@plex-auth/core"
 * import { Console, Effect, Option } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   const answer = yield* plex.getToken({ pinID: "1272322473" })
 *   yield* Option.match(answer.authToken, {
 *     onNone: () => Console.log("Nobody has claimed the PIN yet"),
 *     onSome: (token) => Console.log("Signed in", token) // Signed in <redacted>
 *   })
 * })
 * ```
 */
export class PlexAuth extends Context.Tag("@plex-auth/core/PlexAuth")<PlexAuth, PlexAuth.Service>() {
  /**
   * A layer over a wire: requests are decoded, the client identifier is filled in, a PIN is made of the answer. The wire
   * sends what it is given. A `PlexAuthPolicy` that the layer is built with holds for its calls, and for the flows over them.
   *
   * For those who bring a wire of their own; `PlexAuthHttp.layer` of `@plex-auth/http` is made with it.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexAuth, PlexUnavailable } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const nothing = () => Effect.fail(new PlexUnavailable({ operation: "Offline", reason: "connection" }))
   *
   * const Offline = PlexAuth.layer(
   *   Effect.succeed({
   *     createPin: nothing,
   *     getToken: nothing,
   *     account: nothing,
   *     ping: nothing,
   *     signOut: nothing,
   *     linkPin: nothing,
   *     resources: nothing,
   *     homeUsers: nothing,
   *     switchUser: nothing,
   *     registerKey: nothing,
   *     nonce: nothing(),
   *     exchangeJwt: nothing,
   *     keys: nothing(),
   *     clockOffset: Effect.succeed(0)
   *   })
   * )
   * ```
   */
  static layer<E, R>(wire: Effect.Effect<PlexAuth.Wire, E, R>): Layer.Layer<PlexAuth, E, R | PlexClientInfo> {
    return Layer.effect(
      PlexAuth,
      Effect.gen(function* () {
        // Not the span and the scope in which the layer happens to be built.
        const built = Context.omit(Tracer.ParentSpan, Scope.Scope)(yield* Effect.context<never>())
        return rememberPolicy(makeService(yield* wire, yield* PlexClientInfo, built), built)
      })
    )
  }
}

const makeService = (
  wire: PlexAuth.Wire,
  client: PlexClientInfo.Service,
  built: Context.Context<never>
): PlexAuth.Service => {
  // What the layer was built with holds for each call, and what is provided around the call goes before it. A program calls
  // from few contexts, over and over.
  const merged = new WeakMap<Context.Context<never>, Context.Context<never>>()
  const contextOf = (input: Context.Context<never>) => {
    const known = merged.get(input)
    if (known !== undefined) return known
    const policy = overridden(Context.get(built, PlexAuthPolicy), Context.get(input, PlexAuthPolicy))
    const context = Context.merge(built, input).pipe(Context.add(PlexAuthPolicy, policy))
    merged.set(input, context)
    return context
  }
  // As Effect.mapInputContext, in half the steps.
  const underBuilt = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.withFiberRuntime<A, E>(({ currentContext }) => {
        const putBack = FiberRef.set(FiberRef.currentContext, currentContext)
        return Effect.zipRight(
          FiberRef.set(FiberRef.currentContext, contextOf(currentContext)),
          Effect.matchCauseEffect(restore(effect), {
            onFailure: (cause) => Effect.zipRight(putBack, Effect.failCause(cause)),
            onSuccess: (value) => Effect.as(putBack, value)
          })
        )
      })
    )
  return {
    createPin: (input = {}) =>
      Effect.gen(function* () {
        const request = yield* decodeCreatePin(input)
        const clientIdentifier = yield* clientIdentifierOf("PlexAuth.createPin", request, client)
        const response = yield* wire.createPin(request, clientIdentifier)
        return yield* makePin(request, clientIdentifier, response)
      }).pipe(underBuilt),
    getToken: (input, deviceJwt) =>
      Effect.suspend(() =>
        Effect.flatMap(decodeGetToken(input), (request) => {
          const look = (signed?: DeviceJwt) =>
            Effect.flatMap(clientIdentifierOf("PlexAuth.getToken", request, client), (clientIdentifier) =>
              wire.getToken(request, clientIdentifier, signed)
            )
          return deviceJwt === undefined
            ? look()
            : Effect.flatMap(decodeDeviceJwt("PlexAuth.getToken", deviceJwt), look)
        })
      ).pipe(underBuilt),
    account: (token) => Effect.flatMap(decodeToken("PlexAuth.account", token), wire.account).pipe(underBuilt),
    ping: (token) => Effect.flatMap(decodeToken("PlexAuth.ping", token), wire.ping).pipe(underBuilt),
    signOut: (token) => Effect.flatMap(decodeToken("PlexAuth.signOut", token), wire.signOut).pipe(underBuilt),
    linkPin: (token, code) =>
      Effect.flatMap(decodeToken("PlexAuth.linkPin", token), (valid) =>
        Effect.flatMap(decodeLinkCode({ code }), (decoded) => wire.linkPin(valid, decoded.code))
      ).pipe(underBuilt),
    resources: (token) => Effect.flatMap(decodeToken("PlexAuth.resources", token), wire.resources).pipe(underBuilt),
    homeUsers: (token) => Effect.flatMap(decodeToken("PlexAuth.homeUsers", token), wire.homeUsers).pipe(underBuilt),
    switchUser: (token, input) =>
      Effect.flatMap(decodeToken("PlexAuth.switchUser", token), (valid) =>
        Effect.flatMap(decodeSwitchUser(input), (request) => wire.switchUser(valid, request))
      ).pipe(underBuilt),
    registerKey: (token, input) =>
      Effect.flatMap(decodeToken("PlexAuth.registerKey", token), (valid) =>
        Effect.flatMap(decodeRegisterKey({ jwk: input }), ({ jwk }) => wire.registerKey(valid, jwk))
      ).pipe(underBuilt),
    nonce: underBuilt(wire.nonce),
    exchangeJwt: (deviceJwt) =>
      Effect.flatMap(decodeDeviceJwt("PlexAuth.exchangeJwt", deviceJwt), wire.exchangeJwt).pipe(underBuilt),
    keys: underBuilt(wire.keys),
    clockOffset: wire.clockOffset
  }
}

/**
 * The service, its errors, and the wire below it.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import { PlexAuth } from "@plex-auth/core"
 * import type { GetTokenResponse } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const look = (pinID: string): Effect.Effect<GetTokenResponse, PlexAuth.GetTokenError, PlexAuth> =>
 *   Effect.flatMap(PlexAuth, (plex: PlexAuth.Service) => plex.getToken({ pinID }))
 * ```
 */
export declare namespace PlexAuth {
  /**
   * The operations. Each decodes its input itself, so that bad input is an `InvalidRequest` and nothing is sent.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexAuth, PlexAuthTest } from "@plex-auth/core"
   * import { Effect, Layer } from "effect"
   *
   * const service: Pick<PlexAuth.Service, "getToken"> = { getToken: () => Effect.succeed(PlexAuthTest.pending()) }
   * const Pending = Layer.mock(PlexAuth, service)
   * ```
   */
  export interface Service {
    /**
     * Creates a PIN (`POST /pins`): a `StrongPin` with `strong: true`, else a `LinkPin`. Sent once: a lost answer leaves
     * a PIN that nobody claims, and `isTransient` says which errors are worth another try. `SignIn.start` does the same
     * with a result that is typed by `strong`.
     */
    readonly createPin: (request?: CreatePinRequest.Input) => Effect.Effect<Pin, CreatePinError>
    /**
     * Reads a PIN back (`GET /pins/{pinID}`); `authToken` is `None` until it is claimed. Tried again after a transient
     * error as `PlexAuthPolicy.retry` says. `SignIn.wait` asks until there is a token. A PIN that was created with a
     * device's key wants to see what the device signed.
     */
    readonly getToken: (
      request: GetTokenRequest.Input,
      deviceJwt?: DeviceJwt
    ) => Effect.Effect<GetTokenResponse, GetTokenError>
    /**
     * Whose token it is (`GET /user`). Only `Unauthorized` and `TokenExpired` say that the token is not valid; any other
     * error says nothing about it. Tried again after a transient error as `PlexAuthPolicy.retry` says.
     */
    readonly account: (token: AccessToken) => Effect.Effect<Account, AccountError>
    /**
     * Keeps a token from lapsing (`GET /ping`). Tried again after a transient error as `PlexAuthPolicy.retry` says.
     */
    readonly ping: (token: AccessToken) => Effect.Effect<void, AccountError>
    /**
     * Ends a token (`DELETE /users/signout`). Sent once: after a lost answer `account` tells whether it still is one.
     */
    readonly signOut: (token: AccessToken) => Effect.Effect<void, AccountError>
    /**
     * Claims a link PIN for the token's user (`PUT /pins/link`), by the code that the other device shows; small letters
     * and blanks around it are forgiven. Sent once. Whoever shows a code signs in as this user: claim none that came from
     * a stranger.
     */
    readonly linkPin: (token: AccessToken, code: string) => Effect.Effect<void, LinkPinError>
    /**
     * The devices of the account (`GET /resources`), with the ways to reach each: servers, with a token of their own,
     * players and apps. Tried again after a transient error as `PlexAuthPolicy.retry` says.
     */
    readonly resources: (token: AccessToken) => Effect.Effect<ReadonlyArray<Resource>, AccountError>
    /**
     * The users of the account's Plex Home (`GET /home/users`). Tried again after a transient error as
     * `PlexAuthPolicy.retry` says.
     */
    readonly homeUsers: (token: AccessToken) => Effect.Effect<ReadonlyArray<HomeUser>, AccountError>
    /**
     * Switches to another user of the Plex Home (`POST /home/users/{uuid}/switch`): that user's account, with a token of
     * its own. Sent once, since a wrong PIN counts.
     */
    readonly switchUser: (
      token: AccessToken,
      request: SwitchUserRequest.Input
    ) => Effect.Effect<SwitchUserResponse, SwitchUserError>
    /**
     * Registers a device's key (`POST /auth/jwk`), by a legacy token, which ends when the first token is issued for the
     * key. Sent once; the same key may be registered again. `SignIn.upgrade` does all of it.
     */
    readonly registerKey: (token: AccessToken, jwk: PublicJwk) => Effect.Effect<void, RegisterKeyError>
    /**
     * A word to sign once (`GET /auth/nonce`), within five minutes. Nonces are limited. Tried again after a transient error
     * as `PlexAuthPolicy.retry` says.
     */
    readonly nonce: Effect.Effect<string, KeysError>
    /**
     * A new token for what the device signed (`POST /auth/token`), which lives for seven days. Sent once: a nonce is good
     * for one try. `PlexSession` does all of it, and verifies the token.
     */
    readonly exchangeJwt: (deviceJwt: DeviceJwt) => Effect.Effect<AccessToken, ExchangeJwtError>
    /**
     * The keys that plex.tv signs tokens with (`GET /auth/keys`). They change. Tried again after a transient error as
     * `PlexAuthPolicy.retry` says.
     */
    readonly keys: Effect.Effect<ReadonlyArray<PlexKey>, KeysError>
    /**
     * By how many milliseconds plex.tv's clock is ahead of this machine's (behind it, when negative), going by the `Date` of
     * the last answer, which has whole seconds. 0 before the first one.
     */
    readonly clockOffset: Effect.Effect<number>
  }

  /**
   * What `createPin` can fail with: `DeviceKeyTaken` only when it was given a `jwk`.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const log = (error: PlexAuth.CreatePinError): void => console.error(error._tag, error.message)
   * ```
   */
  export type CreatePinError = InvalidRequest | ClientIdentifierMissing | DeviceKeyTaken | AnswerError

  /**
   * What `getToken` can fail with: `DeviceJwtRejected` only for a PIN that was created with a `jwk`.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const log = (error: PlexAuth.GetTokenError): void => console.error(error._tag, error.message)
   * ```
   */
  export type GetTokenError =
    InvalidRequest | ClientIdentifierMissing | PinNotFound | TokenExpired | DeviceJwtRejected | AnswerError

  /**
   * What `account` can fail with, and each other operation that needs nothing but a token.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const log = (error: PlexAuth.AccountError): void => console.error(error._tag, error.message)
   * ```
   */
  export type AccountError = InvalidRequest | ClientIdentifierMissing | TokenExpired | AnswerError

  /**
   * What `linkPin` can fail with: `PinNotFound` when no PIN that waits has that code.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const isTypo = (error: PlexAuth.LinkPinError): boolean => error._tag === "PinNotFound"
   * ```
   */
  export type LinkPinError = PinNotFound | AccountError

  /**
   * What `switchUser` can fail with.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const isWorthAsking = (error: PlexAuth.SwitchUserError): boolean => error._tag === "HomePinRejected"
   * ```
   */
  export type SwitchUserError = HomePinRejected | AccountError

  /**
   * What `registerKey` can fail with.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const isWorthANewKey = (error: PlexAuth.RegisterKeyError): boolean => error._tag === "DeviceKeyTaken"
   * ```
   */
  export type RegisterKeyError = DeviceKeyTaken | AccountError

  /**
   * What `exchangeJwt` can fail with.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const log = (error: PlexAuth.ExchangeJwtError): void => console.error(error._tag, error.message)
   * ```
   */
  export type ExchangeJwtError = DeviceKeyTaken | DeviceJwtRejected | AccountError

  /**
   * What `nonce` and `keys` can fail with.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const log = (error: PlexAuth.KeysError): void => console.error(error._tag, error.message)
   * ```
   */
  export type KeysError = ClientIdentifierMissing | AnswerError

  /**
   * What any request can fail with.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { PlexAuth } from "@plex-auth/core"
   *
   * const log = (error: PlexAuth.AnswerError): void => console.error(error._tag, error.message)
   * ```
   */
  export type AnswerError = Unauthorized | Rejected | RateLimited | PlexUnavailable | InvalidResponse

  /**
   * The operations as a wire has them, below the service: the request is decoded, the client identifier is known.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexAuth } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const over = (wire: PlexAuth.Wire) => PlexAuth.layer(Effect.succeed(wire))
   * ```
   */
  export interface Wire {
    readonly createPin: (
      request: CreatePinRequest,
      clientIdentifier: ClientIdentifier
    ) => Effect.Effect<CreatePinResponse, CreatePinError>
    readonly getToken: (
      request: GetTokenRequest,
      clientIdentifier: ClientIdentifier,
      deviceJwt?: DeviceJwt
    ) => Effect.Effect<GetTokenResponse, GetTokenError>
    readonly account: (token: AccessToken) => Effect.Effect<Account, AccountError>
    readonly ping: (token: AccessToken) => Effect.Effect<void, AccountError>
    readonly signOut: (token: AccessToken) => Effect.Effect<void, AccountError>
    readonly linkPin: (token: AccessToken, code: string) => Effect.Effect<void, LinkPinError>
    readonly resources: (token: AccessToken) => Effect.Effect<ReadonlyArray<Resource>, AccountError>
    readonly homeUsers: (token: AccessToken) => Effect.Effect<ReadonlyArray<HomeUser>, AccountError>
    readonly switchUser: (
      token: AccessToken,
      request: SwitchUserRequest
    ) => Effect.Effect<SwitchUserResponse, SwitchUserError>
    readonly registerKey: (token: AccessToken, jwk: PublicJwk) => Effect.Effect<void, RegisterKeyError>
    readonly nonce: Effect.Effect<string, KeysError>
    readonly exchangeJwt: (deviceJwt: DeviceJwt) => Effect.Effect<AccessToken, ExchangeJwtError>
    readonly keys: Effect.Effect<ReadonlyArray<PlexKey>, KeysError>
    readonly clockOffset: Effect.Effect<number>
  }
}
