import * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer, Predicate } from "effect"
import { createServer } from "node:http"
import { Failed } from "./command.js"

interface Place {
  readonly host: string
  readonly port: number
}

const hints: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else has it. Choose another port with --port, or --port 0 for a free one",
  EACCES: "this user may not use that port. Choose one above 1023 with --port",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "there is no such host"
}

const cannotListen =
  ({ host, port }: Place) =>
  ({ cause }: ServeError): Failed => {
    const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : "no code"
    const hint = hints[code] ?? "the system did not allow it"
    return new Failed({ message: `Can't listen on ${host}, port ${port} (${code}): ${hint}.`, exitCode: 1 })
  }

/** An HTTP server at a place, port 0 for a free one. It ends at once, whoever is still connected. */
export const listening = (place: Place): Layer.Layer<HttpServer.HttpServer, Failed> =>
  Layer.scoped(
    HttpServer.HttpServer,
    Effect.gen(function* () {
      const node = createServer()
      const server = yield* NodeHttpServer.make(() => node, place).pipe(Effect.mapError(cannotListen(place)))
      yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
      return server
    })
  )
