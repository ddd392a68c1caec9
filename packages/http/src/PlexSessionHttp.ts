/**
 * An `HttpClient` that sends the token of a `PlexSession`.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { AccessToken } from "@plex-auth/core/AccessToken"
import type { InvalidRequest } from "@plex-auth/core/PlexAuthError"
import { TokenExpired } from "@plex-auth/core/PlexAuthError"
import { PlexSession } from "@plex-auth/core/PlexSession"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { decodeOrigin } from "./internal/baseUrl.js"
import { readBody } from "./internal/readBody.js"
import { refuseRedirects } from "./internal/refuseRedirects.js"

/**
 * `origins` are the places that get the token: scheme, host and port, such as `https://clients.plex.tv`. Each must be https,
 * or http to a loopback address.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { PlexSessionHttp } from "@plex-auth/http"
 *
 * const options: PlexSessionHttp.Options = { origins: ["https://plex.tv", "https://clients.plex.tv"] }
 * ```
 */
export interface Options {
  readonly origins: ReadonlyArray<string | URL>
}

const expired = (status: number) => new TokenExpired({ operation: "PlexSessionHttp", status })

/** A body that is read as it is sent is gone by then. */
const canBeSentAgain = ({ body }: HttpClientRequest.HttpClientRequest): boolean =>
  body._tag !== "Stream" && body._tag !== "Raw"

/**
 * Puts the session's token on the requests to the origins given, as `X-Plex-Token`, and on no other. A request that is
 * answered with 498 is sent once more with a refreshed token, unless its body is a stream.
 *
 * To those origins redirects are not followed: the token would go along. A client that follows redirects by itself
 * (`HttpClient.followRedirects`) goes around this one, and not below it. In a span and in a log of the client's the token is
 * hidden.
 *
 * Fails with `InvalidRequest` when an origin is not allowed. The client fails with `TokenExpired` after a second 498, and
 * with each other error of the session.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category clients
 * @example
 * ```ts
 * import { HttpClient } from "@effect/platform"
 * import { PlexSessionHttp } from "@plex-auth/http"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const client = yield* HttpClient.HttpClient.pipe(
 *     Effect.flatMap(PlexSessionHttp.withToken({ origins: ["https://clients.plex.tv"] }))
 *   )
 *   const response = yield* client.get("https://clients.plex.tv/api/v2/user", { accept: "application/json" } )
 *   return yield* response.json
 * })
 * ```
 */
export const withToken =
  ({ origins }: Options) =>
  <E, R>(
    client: HttpClient.HttpClient.With<E, R>
  ): Effect.Effect<HttpClient.HttpClient.With<E | PlexSession.Error, R>, InvalidRequest, PlexSession> =>
    Effect.gen(function* () {
      const session = yield* PlexSession
      const allowed = new Set(yield* Effect.forEach(origins, decodeOrigin))
      const isOurs = (request: HttpClientRequest.HttpClientRequest) =>
        Option.exists(HttpClientRequest.toUrl(request), ({ origin }) => allowed.has(origin))

      const sendWith = (request: HttpClientRequest.HttpClientRequest) => (token: AccessToken) =>
        client.execute(HttpClientRequest.setHeader(request, "x-plex-token", Redacted.value(token))).pipe(
          refuseRedirects,
          Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, "x-plex-token"]),
          Effect.flatMap((response) =>
            response.status === 498
              ? Effect.zipRight(Effect.ignore(readBody(response)), Effect.fail(expired(response.status)))
              : Effect.succeed(response)
          )
        )

      return HttpClient.makeWith<never, never, E | PlexSession.Error, R>(
        Effect.flatMap((request) => {
          if (!isOurs(request)) return client.execute(request)
          const send = sendWith(request)
          return canBeSentAgain(request) ? session.withToken(send) : Effect.flatMap(session.token, send)
        }),
        Effect.succeed
      )
    })
