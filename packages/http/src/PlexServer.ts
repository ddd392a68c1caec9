/**
 * Reaching a Plex Media Server.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import { ServerConnection } from "@plex-auth/core/ServerConnection"
import type { Resource } from "@plex-auth/core/Resource"
import * as Arr from "effect/Array"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { constTrue, identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import { readBody } from "./internal/readBody.js"
import { refuseRedirects } from "./internal/refuseRedirects.js"

/**
 * None of a server's connections answers as that server. `tried` is how many there are, `refused` how many of them were
 * answered by something else. The server may be off, or in another network.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexServer } from "@plex-auth/http"
 * import type { Resource } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const connect = (server: Resource) =>
 *   PlexServer.connect(server).pipe(Effect.tapErrorTag("ServerUnreachable", (error) => Effect.logWarning(error.message)))
 * ```
 */
export class ServerUnreachable extends Schema.TaggedError<ServerUnreachable>()("ServerUnreachable", {
  tried: Schema.Number,
  refused: Schema.Number
}) {
  /** @since 0.1.0 */
  override get message(): string {
    if (this.tried === 0) return "plex.tv lists no connection for the server: it is off, or signed out of Plex."
    const ways = this.tried === 1 ? "its one connection" : `any of its ${this.tried} connections`
    const other = this.refused === 0 ? "" : ` Something else answered at ${this.refused} of them.`
    return `The server can't be reached over ${ways}.${other} Check that it is on, and that this machine may reach it.`
  }
}

/**
 * Finds the best way to reach a server: all of its connections are tried side by side, each for as long as `timeout` says
 * (5 seconds by default). The best one that answers is taken, local before remote before relay, and of each https before
 * http: a worse one that was quicker waits for the better ones, for as long as `grace` says (1 second by default). The
 * others are interrupted.
 *
 * A connection answers if `GET /identity` names the server. Nobody but the server's own connections is asked, no token is
 * sent, and redirects are not followed. A server that asks for https is not asked without.
 *
 * Fails with `ServerUnreachable` when none answers in time.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Getting-Server-Information
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { PlexAuth } from "@plex-auth/core"
 * import type { AccessToken } from "@plex-auth/core"
 * import { PlexServer } from "@plex-auth/http"
 * import { Effect } from "effect"
 *
 * const addresses = (token: AccessToken) =>
 *   Effect.gen(function* () {
 *     const plex = yield* PlexAuth
 *     const servers = (yield* plex.resources(token)).filter(({ isServer }) => isServer)
 *     const connections = yield* Effect.forEach(servers, (server) => PlexServer.connect(server))
 *     return connections.map(({ uri }) => uri)
 *   }).pipe(Effect.provide(FetchHttpClient.layer))
 * ```
 */
export const connect = (
  server: Resource,
  options: {
    readonly timeout?: Duration.DurationInput | undefined
    readonly grace?: Duration.DurationInput | undefined
  } = {}
): Effect.Effect<ServerConnection, ServerUnreachable, HttpClient.HttpClient> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { grace = "1 second", timeout = "5 seconds" } = options
      const needsHttps = Option.contains(server.httpsRequired, true)
      const ways = Arr.sort(server.connections, ServerConnection.bestFirst).filter((way) => way.isSecure || !needsHttps)
      const news = yield* Queue.unbounded<{ readonly way: ServerConnection; readonly outcome: Outcome } | "graceOver">()
      for (const way of ways) {
        yield* outcomeOf(way, server.clientIdentifier).pipe(
          Effect.timeoutTo({ duration: timeout, onSuccess: identity<Outcome>, onTimeout: () => "silent" as const }),
          Effect.flatMap((outcome) => Queue.offer(news, { way, outcome })),
          Effect.forkScoped
        )
      }

      const outcomes = new Map<ServerConnection, Outcome>()
      let isGraceOver = false
      while (outcomes.size < ways.length) {
        const next = yield* Queue.take(news)
        if (next === "graceOver") isGraceOver = true
        else outcomes.set(next.way, next.outcome)
        const best = bestOf(ways, outcomes, isGraceOver)
        if (Option.isSome(best)) return best.value
        if (next !== "graceOver" && next.outcome === "itself") {
          yield* Effect.forkScoped(Effect.delay(Queue.offer(news, "graceOver"), grace))
        }
      }
      const refused = Arr.filter(Array.from(outcomes.values()), (outcome) => outcome === "other").length
      return yield* new ServerUnreachable({ tried: ways.length, refused })
    })
  )

/** What came of a connection: the server, something else in its place, or nothing. */
type Outcome = "itself" | "other" | "silent"

/** The first of the ways that leads to the server, once no better one can still do, or is waited for. */
const bestOf = (
  ways: ReadonlyArray<ServerConnection>,
  outcomes: ReadonlyMap<ServerConnection, Outcome>,
  isGraceOver: boolean
): Option.Option<ServerConnection> => {
  const best = ways.find((way) => {
    const outcome = outcomes.get(way)
    return outcome === "itself" || (outcome === undefined && !isGraceOver)
  })
  return Option.filter(Option.fromNullable(best), (way) => outcomes.get(way) === "itself")
}

const outcomeOf = (way: ServerConnection, identifier: string) =>
  Effect.gen(function* () {
    const http = HttpClient.withTracerDisabledWhen(yield* HttpClient.HttpClient, constTrue)
    const response = yield* refuseRedirects(
      http.get(new URL("/identity", way.uri), {
        headers: { accept: "application/json", "accept-encoding": "identity" }
      })
    )
    const { text } = yield* readBody(response)
    // In JSON or in XML, which older servers send.
    const [, machine] = /\bmachineIdentifier"?\s*[:=]\s*"([^"]+)"/.exec(text) ?? []
    return response.status === 200 && machine === identifier ? "itself" : "other"
  }).pipe(
    Effect.orElseSucceed((): Outcome => "silent"),
    // A body is read in a fiber of its own, and Effect would log what ends it.
    Effect.withUnhandledErrorLogLevel(Option.none())
  )
