import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Layer, Schema } from "effect"
import { Flag, Port, readOptions, run } from "./command.js"
import { listening } from "./listening.js"
import { Screen } from "./screen.js"

const help = `Runs a simulated plex.tv for clients in any language, until Ctrl-C. It knows no real account.

Usage: pnpm simulate [options]

  --port <port>  where it listens, 0 for a free port (default: 8160)
  --host <host>  on which address of this machine (default: 127.0.0.1)
  --help         show this

Exit codes: 0 nobody reads the output any more; 1 it can't listen there, and stderr says why;
2 wrong arguments; 130 Ctrl-C; 143 SIGTERM.`

const Options = Schema.Struct({
  help: Schema.optionalWith(Flag, { exact: true }),
  host: Schema.optionalWith(
    Schema.NonEmptyString.annotations({ message: () => ({ message: "must be an address or a name", override: true }) }),
    { exact: true }
  ),
  port: Schema.optionalWith(Port, { exact: true })
})

const instructions = (baseUrl: string) => [
  "A simulated plex.tv is running. Ctrl-C ends it.",
  "",
  `  Its API     ${baseUrl}`,
  `  Claim PINs  ${new URL("/link", baseUrl).href}`,
  "",
  "Create a PIN:",
  `  curl -X POST ${baseUrl}/pins -H 'Accept: application/json' -H 'X-Plex-Client-Identifier: my-client' -H 'X-Plex-Product: My App'`,
  "Read it back, with the id from the answer:",
  `  curl ${baseUrl}/pins/ID -H 'Accept: application/json' -H 'X-Plex-Client-Identifier: my-client'`,
  ""
]

/** A path that may be shown: a PIN's id is half of what it takes to read the token, and a query may hold the other half. */
const shown = (url: string): string =>
  url
    .replace(/[?#].*/, "")
    .replace(/\/pins\/.*/, "/pins/{pinID}")
    .replaceAll(/[^!-~]/g, "?")

/** A server that says a line for each request that it has answered. */
const logged = (server: HttpServer.HttpServer, screen: Screen.Service): HttpServer.HttpServer => {
  const log = (app: HttpApp.Default<unknown>): HttpApp.Default<unknown> =>
    Effect.tap(app, ({ status }) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method, url }) =>
        screen.print(`${method} ${shown(url)} ${screen.faint(String(status))}`)
      )
    )
  return HttpServer.make({ address: server.address, serve: (app) => server.serve(log(app)) })
}

const Logged = Layer.effect(HttpServer.HttpServer, Effect.zipWith(HttpServer.HttpServer, Screen, logged))

const main = Effect.gen(function* () {
  const screen = yield* Screen
  const options = yield* readOptions(
    process.argv.slice(2),
    { help: { type: "boolean", short: "h" }, host: { type: "string" }, port: { type: "string" } },
    Options
  )
  if (options.help === true) return yield* screen.print(help)
  const server = listening({ host: options.host ?? "127.0.0.1", port: options.port ?? 8160 })
  return yield* PlexTvSimulator.pipe(
    Effect.flatMap(({ baseUrl }) => screen.print(...instructions(baseUrl))),
    Effect.zipRight(Effect.never),
    Effect.provide(PlexTvSimulator.layerServer.pipe(Layer.provide(Logged), Layer.provide(server)))
  )
})

await run(Effect.provide(main, Screen.layer()))
