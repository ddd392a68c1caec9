/**
 * `PlexAuth` over plex.tv's HTTP API.
 *
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { PlexAuth, PlexAuthPolicy, PlexClientInfo } from "@plex-auth/core"
import type { InvalidRequest, PlexAuthError } from "@plex-auth/core"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as MutableRef from "effect/MutableRef"
import * as Redacted from "effect/Redacted"
import { decodeBaseUrl, defaultBaseUrl } from "./internal/baseUrl.js"
import { clientHeaders } from "./internal/clientHeaders.js"
import { headerText } from "./internal/headerText.js"
import { answerErrors } from "./internal/invalidAnswer.js"
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
import type { Operation } from "./internal/transport.js"
import { transport } from "./internal/transport.js"
import { PlexTvApi } from "./PlexTvApi.js"

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

interface Endpoint<E> extends Operation<E> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  readonly path: string
}

const createPin: Endpoint<PlexAuth.CreatePinError> = {
  name: "PlexAuth.createPin",
  method: "POST",
  path: "/pins",
  success: 201,
  refused: createPinError
}

const getToken: Endpoint<PlexAuth.GetTokenError> = {
  name: "PlexAuth.getToken",
  method: "GET",
  path: "/pins/{pinID}",
  success: 200,
  refused: getTokenError
}

const account: Endpoint<PlexAuth.AccountError> = {
  name: "PlexAuth.account",
  method: "GET",
  path: "/user",
  success: 200,
  refused: accountError
}

const ping: Endpoint<PlexAuth.AccountError> = {
  name: "PlexAuth.ping",
  method: "GET",
  path: "/ping",
  success: 200,
  refused: accountError
}

const signOut: Endpoint<PlexAuth.AccountError> = {
  name: "PlexAuth.signOut",
  method: "DELETE",
  path: "/users/signout",
  success: 204,
  refused: accountError
}

const linkPin: Endpoint<PlexAuth.LinkPinError> = {
  name: "PlexAuth.linkPin",
  method: "PUT",
  path: "/pins/link",
  success: 204,
  refused: linkPinError
}

const resources: Endpoint<PlexAuth.AccountError> = {
  name: "PlexAuth.resources",
  method: "GET",
  path: "/resources",
  success: 200,
  body: "[",
  refused: accountError
}

const homeUsers: Endpoint<PlexAuth.AccountError> = {
  name: "PlexAuth.homeUsers",
  method: "GET",
  path: "/home/users",
  success: 200,
  refused: accountError
}

const switchUser: Endpoint<PlexAuth.SwitchUserError> = {
  name: "PlexAuth.switchUser",
  method: "POST",
  path: "/home/users/{uuid}/switch",
  success: 200,
  refused: switchUserError
}

const registerKey: Endpoint<PlexAuth.RegisterKeyError> = {
  name: "PlexAuth.registerKey",
  method: "POST",
  path: "/auth/jwk",
  success: 204,
  refused: registerKeyError
}

const nonce: Endpoint<PlexAuth.KeysError> = {
  name: "PlexAuth.nonce",
  method: "GET",
  path: "/auth/nonce",
  success: 200,
  refused: keysError
}

const exchangeJwt: Endpoint<PlexAuth.ExchangeJwtError> = {
  name: "PlexAuth.exchangeJwt",
  method: "POST",
  path: "/auth/token",
  success: 200,
  refused: exchangeJwtError
}

const keys: Endpoint<PlexAuth.KeysError> = {
  name: "PlexAuth.keys",
  method: "GET",
  path: "/auth/keys",
  success: 200,
  refused: keysError
}

/** A PIN without a key is asked for without a body. */
const withoutEmptyBody = HttpClient.mapRequest((request) =>
  request.body._tag === "Uint8Array" && request.body.contentLength === 2
    ? HttpClientRequest.setBody(request, HttpBody.empty)
    : request
)

/** The span of an operation, over all of its attempts. Only a GET is tried again. */
const traced =
  <E1>({ method, name, path }: Endpoint<E1>, baseUrl: URL) =>
  <A, E extends PlexAuthError, R>(attempt: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      let attempts = 0
      const counted = Effect.suspend(() => {
        attempts += 1
        // The status is that of this attempt, or there is none.
        const about = { "plex.attempt": attempts, ...(attempts > 1 ? { "http.response.status_code": undefined } : {}) }
        return Effect.zipRight(Effect.annotateCurrentSpan(about), attempt)
      })
      return (method === "GET" ? PlexAuthPolicy.retry(counted) : counted).pipe(
        Effect.withSpan(name, {
          kind: "client",
          captureStackTrace: false,
          attributes: { "http.request.method": method, "server.address": baseUrl.hostname, "url.template": path }
        })
      )
    })

const make = Effect.fnUntraced(function* (options: Options) {
  const baseUrl = yield* decodeBaseUrl(options.baseUrl ?? defaultBaseUrl)
  const http = yield* HttpClient.HttpClient
  const headers = clientHeaders(yield* PlexClientInfo)
  const offset = MutableRef.make(0)
  const over = <E>(endpoint: Endpoint<E>) => ({ baseUrl, httpClient: transport(http, endpoint, headers, offset) })
  const overCreatePin = { baseUrl, httpClient: withoutEmptyBody(over(createPin).httpClient) }

  const send = {
    createPin: yield* HttpApiClient.endpoint(PlexTvApi, { group: "pins", endpoint: "createPin", ...overCreatePin }),
    getToken: yield* HttpApiClient.endpoint(PlexTvApi, { group: "pins", endpoint: "getToken", ...over(getToken) }),
    account: yield* HttpApiClient.endpoint(PlexTvApi, { group: "user", endpoint: "account", ...over(account) }),
    ping: yield* HttpApiClient.endpoint(PlexTvApi, { group: "user", endpoint: "ping", ...over(ping) }),
    signOut: yield* HttpApiClient.endpoint(PlexTvApi, { group: "user", endpoint: "signOut", ...over(signOut) }),
    linkPin: yield* HttpApiClient.endpoint(PlexTvApi, { group: "pins", endpoint: "linkPin", ...over(linkPin) }),
    resources: yield* HttpApiClient.endpoint(PlexTvApi, { group: "user", endpoint: "resources", ...over(resources) }),
    homeUsers: yield* HttpApiClient.endpoint(PlexTvApi, { group: "home", endpoint: "homeUsers", ...over(homeUsers) }),
    switchUser: yield* HttpApiClient.endpoint(PlexTvApi, {
      group: "home",
      endpoint: "switchUser",
      ...over(switchUser)
    }),
    registerKey: yield* HttpApiClient.endpoint(PlexTvApi, {
      group: "auth",
      endpoint: "registerKey",
      ...over(registerKey)
    }),
    nonce: yield* HttpApiClient.endpoint(PlexTvApi, { group: "auth", endpoint: "nonce", ...over(nonce) }),
    exchangeJwt: yield* HttpApiClient.endpoint(PlexTvApi, {
      group: "auth",
      endpoint: "exchangeJwt",
      ...over(exchangeJwt)
    }),
    keys: yield* HttpApiClient.endpoint(PlexTvApi, { group: "auth", endpoint: "keys", ...over(keys) })
  }

  const wire: PlexAuth.Wire = {
    createPin: ({ jwk, strong, xPlexProduct }, clientIdentifier) =>
      send
        .createPin({
          urlParams: strong ? { strong } : {},
          payload: jwk === undefined ? {} : { jwk, strong },
          headers: {
            "x-plex-client-identifier": clientIdentifier,
            ...(xPlexProduct === undefined ? {} : { "x-plex-product": headerText(xPlexProduct) })
          }
        })
        .pipe(Effect.catchTags(answerErrors(createPin.name)), traced(createPin, baseUrl)),
    getToken: ({ pinID }, clientIdentifier, deviceJWT) =>
      send
        // plex.tv wants it in the query.
        .getToken({
          path: { pinID },
          urlParams: { deviceJWT },
          headers: { "x-plex-client-identifier": clientIdentifier }
        })
        .pipe(Effect.catchTags(answerErrors(getToken.name)), traced(getToken, baseUrl)),
    account: (token) =>
      send
        .account({ headers: { "x-plex-token": token } })
        .pipe(Effect.catchTags(answerErrors(account.name)), traced(account, baseUrl)),
    ping: (token) =>
      send
        .ping({ headers: { "x-plex-token": token } })
        .pipe(Effect.asVoid, Effect.catchTags(answerErrors(ping.name)), traced(ping, baseUrl)),
    signOut: (token) =>
      send
        .signOut({ headers: { "x-plex-token": token } })
        .pipe(Effect.catchTags(answerErrors(signOut.name)), traced(signOut, baseUrl)),
    linkPin: (token, code) =>
      send
        .linkPin({ headers: { "x-plex-token": token }, payload: { code } })
        .pipe(Effect.catchTags(answerErrors(linkPin.name)), traced(linkPin, baseUrl)),
    resources: (token) =>
      send
        .resources({
          headers: { "x-plex-token": token },
          urlParams: { includeHttps: "1", includeRelay: "1", includeIPv6: "1" }
        })
        .pipe(Effect.catchTags(answerErrors(resources.name)), traced(resources, baseUrl)),
    homeUsers: (token) =>
      send.homeUsers({ headers: { "x-plex-token": token } }).pipe(
        Effect.map(({ users }) => users),
        Effect.catchTags(answerErrors(homeUsers.name)),
        traced(homeUsers, baseUrl)
      ),
    switchUser: (token, { pin, uuid }) =>
      send
        .switchUser({
          path: { uuid },
          // plex.tv wants it there.
          urlParams: pin === undefined ? {} : { pin: Redacted.value(pin) },
          headers: { "x-plex-token": token }
        })
        .pipe(Effect.catchTags(answerErrors(switchUser.name)), traced(switchUser, baseUrl)),
    registerKey: (token, jwk) =>
      send
        .registerKey({ headers: { "x-plex-token": token }, payload: { jwk } })
        .pipe(Effect.catchTags(answerErrors(registerKey.name)), traced(registerKey, baseUrl)),
    nonce: send.nonce({ headers: {} }).pipe(
      Effect.map((answer) => answer.nonce),
      Effect.catchTags(answerErrors(nonce.name)),
      traced(nonce, baseUrl)
    ),
    exchangeJwt: (jwt) =>
      send.exchangeJwt({ headers: {}, payload: { jwt } }).pipe(
        Effect.map((answer) => answer.auth_token),
        Effect.catchTags(answerErrors(exchangeJwt.name)),
        traced(exchangeJwt, baseUrl)
      ),
    keys: send.keys({ headers: {} }).pipe(
      Effect.map((answer) => answer.keys),
      Effect.catchTags(answerErrors(keys.name)),
      traced(keys, baseUrl)
    ),
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
