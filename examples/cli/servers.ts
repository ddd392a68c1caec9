import * as Command from "@effect/cli/Command"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { PlexAuth } from "@plex-auth/core"
import { PlexServer } from "@plex-auth/http"
import { Effect, Layer, Option } from "effect"
import { json, simulate } from "./options.js"
import { printResult } from "./result.js"
import { services } from "./services.js"
import { signedIn } from "./signed-in.js"

export const servers = Command.make("servers", { json, simulate }, ({ json, simulate }) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const { token } = yield* signedIn
    const resources = yield* plex.resources(token)
    const found = yield* Effect.forEach(
      resources.filter(({ isServer }) => isServer),
      (server) =>
        Effect.map(Effect.option(PlexServer.connect(server)), (connection) => ({
          name: Option.getOrElse(server.name, () => server.clientIdentifier),
          owned: Option.getOrElse(server.owned, () => false),
          uri: Option.getOrNull(Option.map(connection, ({ uri }) => uri))
        })),
      { concurrency: 4 }
    )
    yield* printResult(
      json,
      found,
      found.map(({ name, owned, uri }) => `${name}  ${uri ?? "can't be reached"}${owned ? "" : "  (shared)"}`)
    )
  }).pipe(Effect.provide(Layer.merge(services(simulate), FetchHttpClient.layer)))
).pipe(Command.withDescription("List the servers that the user has access to, and how to reach each from here"))
