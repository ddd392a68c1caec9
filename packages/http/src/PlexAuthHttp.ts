/**
 * `PlexAuth` over plex.tv's HTTP API.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { AccessToken } from "@plex-auth/core/AccessToken"
import { Account } from "@plex-auth/core/Account"
import { CreatePinResponse } from "@plex-auth/core/CreatePinResponse"
import { GetTokenResponse } from "@plex-auth/core/GetTokenResponse"
import { HomeUsers } from "@plex-auth/core/HomeUser"
import { PlexAuth } from "@plex-auth/core/PlexAuth"
import { PlexAuthPolicy } from "@plex-auth/core/PlexAuthPolicy"
import { PlexClientInfo } from "@plex-auth/core/PlexClientInfo"
import { PlexKeys } from "@plex-auth/core/PlexKeys"
import { PublicJwk } from "@plex-auth/core/PublicJwk"
import { Resources } from "@plex-auth/core/Resource"
import { SwitchUserResponse } from "@plex-auth/core/SwitchUserResponse"
import type { InvalidRequest, PlexAuthError } from "@plex-auth/core/PlexAuthError"
import type { Resource } from "@plex-auth/core/Resource"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { constVoid } from "effect/Function"
import * as Layer from "effect/Layer"
import * as MutableRef from "effect/MutableRef"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Tracer from "effect/Tracer"
import { decodeBaseUrl, defaultBaseUrl } from "./internal/baseUrl.js"
import { clientHeaders } from "./internal/clientHeaders.js"
import { headerText } from "./internal/headerText.js"
import {
  accountError,
  createPinError,
  exchangeJwtError,
  getTokenError,
  keysError,
  linkPinError,
  registerKeyError,
  switchUserError
} from "./internal/plexError.js"
import type { Operation, Parts } from "./internal/transport.js"
import { transport } from "./internal/transport.js"

/**
 * Where plex.tv is. `baseUrl` is `https://plex.tv/api/v2` unless said otherwise; it must be https, or http to a loopback
 * address.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { PlexAuthHttp } from "@plex-auth/http"
 *
 * const options: PlexAuthHttp.Options = { baseUrl: "http://127.0.0.1:8160/api/v2" }
 * const PlexLocal = PlexAuthHttp.layerFetch(options)
 * ```
 */
export interface Options {
  readonly baseUrl?: string | URL | undefined
}

const createPin: Operation<CreatePinResponse, PlexAuth.CreatePinError> = {
  name: "PlexAuth.createPin",
  method: "POST",
  path: "/pins",
  decode: Schema.decodeUnknownEither(CreatePinResponse),
  refused: createPinError
}

const getToken: Operation<GetTokenResponse, PlexAuth.GetTokenError> = {
  name: "PlexAuth.getToken",
  method: "GET",
  path: "/pins/{pinID}",
  decode: Schema.decodeUnknownEither(GetTokenResponse),
  refused: getTokenError
}

const account: Operation<Account, PlexAuth.AccountError> = {
  name: "PlexAuth.account",
  method: "GET",
  path: "/user",
  decode: Schema.decodeUnknownEither(Account),
  refused: accountError
}

const ping: Operation<void, PlexAuth.AccountError> = {
  name: "PlexAuth.ping",
  method: "GET",
  path: "/ping",
  decode: (body) => Either.map(Schema.decodeUnknownEither(Schema.Struct({}))(body), constVoid),
  refused: accountError
}

const signOut: Operation<void, PlexAuth.AccountError> = {
  name: "PlexAuth.signOut",
  method: "DELETE",
  path: "/users/signout",
  decode: Effect.void,
  refused: accountError
}

const linkPin: Operation<void, PlexAuth.LinkPinError> = {
  name: "PlexAuth.linkPin",
  method: "PUT",
  path: "/pins/link",
  decode: Effect.void,
  refused: linkPinError
}

const resources: Operation<ReadonlyArray<Resource>, PlexAuth.AccountError> = {
  name: "PlexAuth.resources",
  method: "GET",
  path: "/resources",
  decode: Schema.decodeUnknownEither(Resources),
  refused: accountError
}

const homeUsers: Operation<typeof HomeUsers.Type, PlexAuth.AccountError> = {
  name: "PlexAuth.homeUsers",
  method: "GET",
  path: "/home/users",
  decode: Schema.decodeUnknownEither(HomeUsers),
  refused: accountError
}

const switchUser: Operation<SwitchUserResponse, PlexAuth.SwitchUserError> = {
  name: "PlexAuth.switchUser",
  method: "POST",
  path: "/home/users/{uuid}/switch",
  decode: Schema.decodeUnknownEither(SwitchUserResponse),
  refused: switchUserError
}

const registerKey: Operation<void, PlexAuth.RegisterKeyError> = {
  name: "PlexAuth.registerKey",
  method: "POST",
  path: "/auth/jwk",
  decode: Effect.void,
  refused: registerKeyError
}

const Nonce = Schema.Struct({ nonce: Schema.String.pipe(Schema.pattern(/^[\x21-\x7e]{1,255}$/)) })

const nonce: Operation<typeof Nonce.Type, PlexAuth.KeysError> = {
  name: "PlexAuth.nonce",
  method: "GET",
  path: "/auth/nonce",
  decode: Schema.decodeUnknownEither(Nonce),
  refused: keysError
}

const Exchanged = Schema.Struct({ auth_token: AccessToken })

const exchangeJwt: Operation<typeof Exchanged.Type, PlexAuth.ExchangeJwtError> = {
  name: "PlexAuth.exchangeJwt",
  method: "POST",
  path: "/auth/token",
  decode: Schema.decodeUnknownEither(Exchanged),
  refused: exchangeJwtError
}

const keys: Operation<typeof PlexKeys.Type, PlexAuth.KeysError> = {
  name: "PlexAuth.keys",
  method: "GET",
  path: "/auth/keys",
  decode: Schema.decodeUnknownEither(PlexKeys),
  refused: keysError
}

/** The span of an operation, over all of its attempts. Only a GET is tried again. */
const withSpan = <A, E extends PlexAuthError>(
  { method, name, path }: Operation<A, E>,
  baseUrl: URL,
  attempt: (parts: Parts, span: Tracer.Span) => Effect.Effect<A, E>
): ((parts: Parts) => Effect.Effect<A, E>) => {
  const attributes = { "http.request.method": method, "server.address": baseUrl.hostname, "url.template": path }
  const options = { kind: "client", captureStackTrace: false, attributes } as const
  return (parts) =>
    Effect.useSpan(name, options, (span) => {
      let attempts = 0
      const counted = Effect.suspend(() => {
        attempts += 1
        span.attribute("plex.attempt", attempts)
        // The status is that of this attempt, or there is none.
        if (attempts > 1) span.attribute("http.response.status_code", undefined)
        return attempt(parts, span)
      })
      return method === "GET" ? PlexAuthPolicy.retry(counted) : counted
    })
}

const encodeJwk = Schema.encodeSync(PublicJwk)

const withToken = (token: AccessToken) => ({ "x-plex-token": Redacted.value(token) })

const make = Effect.fnUntraced(function* (options: Options) {
  const baseUrl = yield* decodeBaseUrl(options.baseUrl ?? defaultBaseUrl)
  const offset = MutableRef.make(0)
  const exchange = transport(yield* HttpClient.HttpClient, baseUrl, clientHeaders(yield* PlexClientInfo), offset)
  const traced = <A, E extends PlexAuthError>(operation: Operation<A, E>) =>
    withSpan(operation, baseUrl, exchange(operation))
  const requests = {
    createPin: traced(createPin),
    getToken: traced(getToken),
    account: traced(account),
    ping: traced(ping),
    signOut: traced(signOut),
    linkPin: traced(linkPin),
    resources: traced(resources),
    homeUsers: traced(homeUsers),
    switchUser: traced(switchUser),
    registerKey: traced(registerKey),
    nonce: traced(nonce),
    exchangeJwt: traced(exchangeJwt),
    keys: traced(keys)
  }

  const wire: PlexAuth.Wire = {
    createPin: ({ jwk, strong, xPlexProduct }, clientIdentifier) =>
      requests.createPin({
        ...(jwk === undefined ? {} : { json: { jwk: encodeJwk(jwk), strong } }),
        urlParams: strong ? { strong: "true" } : undefined,
        headers: {
          "x-plex-client-identifier": clientIdentifier,
          ...(xPlexProduct === undefined ? {} : { "x-plex-product": headerText(xPlexProduct) })
        }
      }),
    getToken: ({ pinID }, clientIdentifier, deviceJwt) =>
      requests.getToken({
        path: { pinID },
        // plex.tv wants it there.
        urlParams: deviceJwt === undefined ? undefined : { deviceJWT: Redacted.value(deviceJwt) },
        headers: { "x-plex-client-identifier": clientIdentifier }
      }),
    account: (token) => requests.account({ headers: withToken(token) }),
    ping: (token) => requests.ping({ headers: withToken(token) }),
    signOut: (token) => requests.signOut({ headers: withToken(token) }),
    linkPin: (token, code) => requests.linkPin({ headers: withToken(token), form: { code } }),
    resources: (token) =>
      requests.resources({
        headers: withToken(token),
        urlParams: { includeHttps: "1", includeRelay: "1", includeIPv6: "1" }
      }),
    homeUsers: (token) => Effect.map(requests.homeUsers({ headers: withToken(token) }), ({ users }) => users),
    switchUser: (token, { pin, uuid }) =>
      requests.switchUser({
        path: { uuid },
        // plex.tv wants it there.
        urlParams: pin === undefined ? undefined : { pin: Redacted.value(pin) },
        headers: withToken(token)
      }),
    registerKey: (token, jwk) => requests.registerKey({ headers: withToken(token), json: { jwk: encodeJwk(jwk) } }),
    nonce: Effect.map(requests.nonce({ headers: {} }), (answer) => answer.nonce),
    exchangeJwt: (jwt) =>
      Effect.map(
        requests.exchangeJwt({ headers: {}, json: { jwt: Redacted.value(jwt) } }),
        (answer) => answer.auth_token
      ),
    keys: Effect.map(requests.keys({ headers: {} }), (answer) => answer.keys),
    clockOffset: Effect.sync(() => MutableRef.get(offset))
  }
  return wire
})

/**
 * `PlexAuth` over the `HttpClient` that is provided: that of the platform's fetch, of Node, of undici, or one for tests.
 * Fails with `InvalidRequest` when the base URL is not allowed.
 *
 * - Each request says who is asking in headers, as the `PlexClientInfo` has it; nothing secret is in a URL,
 *   but for the PIN of a Home user and what a device signed, which plex.tv wants there.
 * - An answer may take as long as `PlexAuthPolicy.requestTimeout`, its body included, and be 1 MiB large.
 * - Redirects are refused on the clients of the platform. A fetch client gets the `FetchHttpClient.RequestInit` that this
 *   layer is provided with, and `redirect: "manual"`; one that was given to the client's own layer does not come into it.
 * - Each operation has a span with its name (`PlexAuth.getToken`), with method, path template, host, status and attempt, and
 *   no trace header is sent.
 *
 * Called twice it makes two layers: bind it to a name and provide that.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { NodeHttpClient } from "@effect/platform-node"
 * import { PlexClientInfo } from "@plex-auth/core"
 * import { PlexAuthHttp } from "@plex-auth/http"
 * import { Layer } from "effect"
 *
 * const PlexLive = PlexAuthHttp.layer().pipe(
 *   Layer.provide(NodeHttpClient.layerUndici),
 *   Layer.provide(PlexClientInfo.layer({ clientIdentifier: crypto.randomUUID(), product: "My Cool App" }))
 * )
 * ```
 */
export const layer = (
  options: Options = {}
): Layer.Layer<PlexAuth, InvalidRequest, HttpClient.HttpClient | PlexClientInfo> => PlexAuth.layer(make(options))

/**
 * {@link layer} with options from configuration. Fails with a `ConfigError` too, when a value is missing.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { PlexAuthHttp } from "@plex-auth/http"
 * import { Config } from "effect"
 *
 * const PlexLive = PlexAuthHttp.layerConfig({
 *   baseUrl: Config.string("PLEX_BASE_URL").pipe(Config.withDefault("https://plex.tv/api/v2"))
 * })
 * ```
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options>
): Layer.Layer<PlexAuth, InvalidRequest | ConfigError.ConfigError, HttpClient.HttpClient | PlexClientInfo> =>
  PlexAuth.layer(Effect.flatMap(Config.unwrap(options), make))

/**
 * {@link layer} over the `fetch` of the platform: browsers, Node, Bun, Deno and Workers have one.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { PlexClientInfo } from "@plex-auth/core"
 * import { PlexAuthHttp } from "@plex-auth/http"
 * import { Layer } from "effect"
 *
 * const PlexLive = PlexAuthHttp.layerFetch().pipe(
 *   Layer.provide(PlexClientInfo.layer({ clientIdentifier: crypto.randomUUID(), product: "My Cool App" }))
 * )
 * ```
 */
export const layerFetch = (options: Options = {}): Layer.Layer<PlexAuth, InvalidRequest, PlexClientInfo> =>
  layer(options).pipe(Layer.provide(FetchHttpClient.layer))
