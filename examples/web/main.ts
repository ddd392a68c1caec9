import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { PlexClientInfo } from "@plex-auth/core"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Layer, Logger, Schema } from "effect"
import { Failed, Flag, Port, readOptions, run } from "../command.js"
import { listening } from "../listening.js"
import { Screen } from "../screen.js"
import { redisStore } from "./redis-store.js"
import { server } from "./server.js"
import { Sessions } from "./sessions.js"
import { live, simulated, Site } from "./site.js"

const help = `Runs a web site that people sign in to with Plex, until Ctrl-C. Plex is simulated on this machine, unless
you say --live.

Usage: pnpm web [options]

  --port <port>  where the site listens, 0 for a free port (default: 3000)
  --host <host>  on which address of this machine (default: 127.0.0.1)
  --live         sign in at https://plex.tv
  --help         show this

Environment:
  PUBLIC_URL      the address that people open, https or on this machine (default: where it listens)
  REDIS_URL       keep sessions in Redis, for several instances to share, such as redis://127.0.0.1:6379
  SESSION_FOLDER  keep sessions in a folder that only this user may read (default: in memory)
  PLEX_BASE_URL   with --live, where the API of plex.tv is (default: https://plex.tv/api/v2)

Exit codes: 0 nobody reads the output any more; 1 it can't run like that, and stderr says why;
2 wrong arguments; 130 Ctrl-C; 143 SIGTERM.`

const Options = Schema.Struct({
  help: Schema.optionalWith(Flag, { exact: true }),
  live: Schema.optionalWith(Flag, { exact: true }),
  host: Schema.optionalWith(
    Schema.NonEmptyString.annotations({ message: () => ({ message: "must be an address or a name", override: true }) }),
    { exact: true }
  ),
  port: Schema.optionalWith(Port, { exact: true })
})

/** Files in it can be read by whoever gets into the folder, and have tokens in them. */
const folderStore = (folder: string) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(folder, { recursive: true, mode: 0o700 })
      const { mode } = yield* files.stat(folder)
      if ((mode & 0o077) !== 0) {
        return yield* new Failed({
          message: `Others may look into the SESSION_FOLDER ${folder}. Change that with chmod 700, or choose another.`,
          exitCode: 1
        })
      }
      return KeyValueStore.layerFileSystem(folder)
    })
  ).pipe(
    Layer.mapError((error) =>
      error._tag === "Failed"
        ? error
        : new Failed({ message: `Can't use the SESSION_FOLDER ${folder}: ${error.message}.`, exitCode: 1 })
    ),
    Layer.provide(NodeContext.layer)
  )

const { PUBLIC_URL, REDIS_URL, SESSION_FOLDER } = process.env

const ClientInfo = PlexClientInfo.layer({
  product: "plex-auth web example",
  // Goes along when the name is asked for. Each sign-in has one of its own.
  clientIdentifier: crypto.randomUUID()
})

const simulator = PlexTvSimulator.layerServer.pipe(Layer.provide(listening({ host: "127.0.0.1", port: 0 })))

const store = (): Layer.Layer<KeyValueStore.KeyValueStore, Failed> => {
  if (REDIS_URL !== undefined) return redisStore(REDIS_URL)
  return SESSION_FOLDER === undefined ? KeyValueStore.layerMemory : folderStore(SESSION_FOLDER)
}

const main = Effect.gen(function* () {
  const screen = yield* Screen
  const options = yield* readOptions(
    process.argv.slice(2),
    {
      help: { type: "boolean", short: "h" },
      live: { type: "boolean" },
      host: { type: "string" },
      port: { type: "string" }
    },
    Options
  )
  if (options.help === true) return yield* screen.print(help)
  const announced = Layer.effectDiscard(
    Effect.gen(function* () {
      const site = yield* Site
      const where = options.live === true ? "plex.tv" : "a Plex that is simulated on this machine"
      yield* screen.print(`A site that signs you in with ${where}: ${site.publicUrl}`, "Ctrl-C ends it.")
    })
  )
  const plex = options.live === true ? live(PUBLIC_URL) : Layer.provide(simulated(PUBLIC_URL), simulator)
  return yield* Layer.launch(
    Layer.merge(server, announced).pipe(
      Layer.provide(Layer.merge(plex, Sessions.layer)),
      Layer.provide(ClientInfo),
      Layer.provide(store()),
      Layer.provide(listening({ host: options.host ?? "127.0.0.1", port: options.port ?? 3000 }))
    )
  )
})

await run(
  Effect.provide(
    main,
    Layer.merge(Screen.layer(), Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger)))
  )
)
