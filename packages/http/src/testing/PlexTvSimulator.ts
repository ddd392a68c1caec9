/**
 * A simulated plex.tv.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { AccessToken } from "@plex-auth/core/AccessToken"
import type { ClientIdentifier } from "@plex-auth/core/ClientIdentifier"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { breakingSockets } from "../internal/simulator/faulty.js"
import { makeSimulation } from "../internal/simulator/simulation.js"
import type { Fault } from "./Fault.js"
import type { UnknownCode } from "./UnknownCode.js"

/**
 * A simulated plex.tv, and the controls of it: claim a PIN as a user would, let it expire, take a token back, make the next
 * requests fail, and read what was asked of it.
 *
 * It behaves as the documentation and recorded answers of plex.tv say: PINs of both kinds with their lifetimes, which pass
 * by Effect's clock (so `TestClock` moves a PIN to its expiry); the error bodies and codes; a PIN unknown to every other
 * client identifier; one token for an account and a client identifier; devices with a key, and tokens for it that live for
 * seven days; XML where JSON was not asked for. Every account has a
 * Plex Home with a child in it, whose PIN is 1234.
 *
 * To pages of other origins it is as strict as plex.tv may be, whose own rules are not documented: any origin, without
 * credentials, no request header but those that Plex documents, and no answer's header to read (so a browser's program sees
 * neither `Date` nor `Retry-After`).
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category services
 * @example
 * ```ts
 * import { PlexClientInfo, SignIn } from "@plex-auth/core"
 * import { PlexAuthHttp } from "@plex-auth/http"
 * import { PlexTvSimulator } from "@plex-auth/http/testing"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const simulator = yield* PlexTvSimulator
 *   const pin = yield* SignIn.start()
 *   yield* simulator.claim(pin.code)
 *   return yield* SignIn.wait(pin)
 * })
 *
 * const TestLayer = PlexAuthHttp.layer().pipe(
 *   Layer.provideMerge(PlexTvSimulator.layerHttpClient),
 *   Layer.provide(PlexClientInfo.layer({ clientIdentifier: "my-test", product: "My Cool App" }))
 * )
 *
 * const token = program.pipe(Effect.provide(TestLayer))
 * ```
 */
export class PlexTvSimulator extends Context.Tag("@plex-auth/http/testing/PlexTvSimulator")<
  PlexTvSimulator,
  PlexTvSimulator.Service
>() {
  /**
   * The simulator as an `HttpClient`, without sockets: it answers in the fiber that asks, whatever the host. Under
   * `TestClock` one adjustment drives everything.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { PlexClientInfo } from "@plex-auth/core"
   * import { PlexAuthHttp } from "@plex-auth/http"
   * import { PlexTvSimulator } from "@plex-auth/http/testing"
   * import { Layer } from "effect"
   *
   * const TestLayer = PlexAuthHttp.layer().pipe(
   *   Layer.provideMerge(PlexTvSimulator.layerHttpClient),
   *   Layer.provide(PlexClientInfo.layer({ clientIdentifier: "my-test", product: "My Cool App" }))
   * )
   * ```
   */
  static readonly layerHttpClient: Layer.Layer<PlexTvSimulator | HttpClient.HttpClient> = Layer.effectContext(
    Effect.suspend(() => makeInFiber)
  )

  /**
   * The simulator as a real HTTP server, on the `HttpServer` that is provided: `NodeHttpServer.layer` of
   * `@effect/platform-node` makes one on a given port, or on a free one with port 0. `baseUrl` says where it is. Below
   * its root `/link` is a page to claim PINs on, and `/auth` stands in for https://app.plex.tv/auth: give it the fragment
   * of an `AuthApp.url`, from the `#` on.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { NodeHttpServer } from "@effect/platform-node"
   * import { PlexTvSimulator } from "@plex-auth/http/testing"
   * import { Layer } from "effect"
   * import { createServer } from "node:http"
   *
   * const Server = PlexTvSimulator.layerServer.pipe(
   *   Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
   * )
   * ```
   */
  static readonly layerServer: Layer.Layer<PlexTvSimulator, never, HttpServer.HttpServer> = Layer.scoped(
    PlexTvSimulator,
    Effect.suspend(() => makeServer)
  )
}

/**
 * The controls of a simulated plex.tv, and what it tells.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { PlexTvSimulator } from "@plex-auth/http/testing"
 *
 * const looks = (requests: ReadonlyArray<PlexTvSimulator.RecordedRequest>): number =>
 *   requests.filter(({ method }) => method === "GET").length
 * ```
 */
export declare namespace PlexTvSimulator {
  /**
   * A request that the simulator got, before it was answered. `at` is in milliseconds by Effect's clock. The value of an
   * `x-plex-token` is left out of `headers` and `query`; `token` has it. So is what a device signed, and there is no body.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexTvSimulator } from "@plex-auth/http/testing"
   * import { Effect } from "effect"
   *
   * const lastPath = Effect.gen(function* () {
   *   const simulator = yield* PlexTvSimulator
   *   const requests: ReadonlyArray<PlexTvSimulator.RecordedRequest> = yield* simulator.requests
   *   return requests.at(-1)?.path
   * })
   * ```
   */
  export interface RecordedRequest {
    readonly at: number
    readonly method: string
    readonly path: string
    readonly query: Readonly<Record<string, string>>
    readonly headers: Readonly<Record<string, string>>
    readonly token: Redacted.Redacted | undefined
  }

  /**
   * A PIN that waits to be claimed.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexTvSimulator } from "@plex-auth/http/testing"
   * import { Effect } from "effect"
   *
   * const claimAll = Effect.gen(function* () {
   *   const simulator = yield* PlexTvSimulator
   *   return yield* Effect.forEach(yield* simulator.waiting, ({ code }) => simulator.claim(code))
   * })
   * ```
   */
  export interface WaitingPin {
    readonly code: string
    readonly strong: boolean
    readonly product: string
    readonly clientIdentifier: ClientIdentifier
  }

  /**
   * The controls. A code may be plain or `Redacted`, as a link PIN and a strong PIN have it.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import { PlexTvSimulator } from "@plex-auth/http/testing"
   * import { Console, Effect } from "effect"
   *
   * const program = Effect.flatMap(PlexTvSimulator, ({ baseUrl }: PlexTvSimulator.Service) => Console.log(baseUrl))
   * ```
   */
  export interface Service {
    /** What to give to `PlexAuthHttp.layer` as `baseUrl`. */
    readonly baseUrl: string
    /** The PINs that wait to be claimed, the oldest first. */
    readonly waiting: Effect.Effect<ReadonlyArray<WaitingPin>>
    /** Claims a PIN as a user, `alice` unless said otherwise, and gives the token that the app will read. */
    readonly claim: (code: string | Redacted.Redacted, username?: string) => Effect.Effect<AccessToken, UnknownCode>
    /** Lets a PIN expire now. */
    readonly expire: (code: string | Redacted.Redacted) => Effect.Effect<void, UnknownCode>
    /** Takes a token back, as a user does who removes the device. */
    readonly revoke: (token: AccessToken) => Effect.Effect<void>
    /**
     * What `GET /resources` answers from now on, to everybody and as it is given: the JSON of plex.tv. At first it is one
     * server at the address of the simulator itself, which answers `GET /identity`.
     */
    readonly setResources: (resources: ReadonlyArray<unknown>) => Effect.Effect<void>
    /**
     * Lets another key sign tokens from now on. `GET /auth/keys` has the one before it too, and none older than that.
     */
    readonly rotateKeys: Effect.Effect<void>
    /**
     * By how many milliseconds the simulated plex.tv's clock is ahead of Effect's (behind it, when negative): its `Date`,
     * its PINs and tokens, and what it makes of the times that a device signs.
     */
    readonly setClockOffset: (millis: number) => Effect.Effect<void>
    /** Makes the next requests fail, one fault a request, after those that were scripted before. */
    readonly script: (...faults: ReadonlyArray<Fault>) => Effect.Effect<void>
    /** The requests so far, the first one first. Those for the pages and a browser's preflights are not among them. */
    readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest>>
  }
}

const makeServer = Effect.gen(function* () {
  const server = yield* HttpServer.HttpServer
  const { address } = server
  const origin =
    address._tag === "TcpAddress" ? `http://${reachable(address.hostname)}:${address.port}` : "http://localhost"
  const { app, controls } = yield* makeSimulation
  yield* server
    .serve(yield* breakingSockets(app))
    .pipe(Effect.locally(HttpMiddleware.currentTracerDisabledWhen, constTrue))
  return PlexTvSimulator.of({ ...controls, baseUrl: `${origin}/api/v2` })
})

const reachable = (hostname: string): string =>
  hostname === "0.0.0.0" || hostname === "::" ? "127.0.0.1" : hostname.includes(":") ? `[${hostname}]` : hostname

const makeInFiber = Effect.gen(function* () {
  const { app, controls } = yield* makeSimulation
  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const runtime = yield* Effect.runtime()
      const response = yield* app.pipe(
        Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(webRequest(request, url))),
        Effect.scoped
      )
      return HttpClientResponse.fromWeb(request, HttpServerResponse.toWeb(response, { runtime }))
    }).pipe(
      Effect.catchTag("ConnectionBroken", () =>
        Effect.fail(new HttpClientError.RequestError({ request, reason: "Transport", cause: { code: "ECONNRESET" } }))
      )
    )
  )
  const simulator = PlexTvSimulator.of({ ...controls, baseUrl: "https://plex.tv/api/v2" })
  return Context.make(PlexTvSimulator, simulator).pipe(Context.add(HttpClient.HttpClient, client))
})

const webRequest = ({ body, headers, method }: HttpClientRequest.HttpClientRequest, url: URL): Request =>
  new Request(url, {
    method,
    headers,
    ...(body._tag === "Uint8Array" ? { body: new Uint8Array(body.body) } : {})
  })
