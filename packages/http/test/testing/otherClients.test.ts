/** Plex clients that nobody here wrote sign in against the simulator's server, as they would against plex.tv. */
import { MyPlexAccount } from "@ctrl/plex"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, it, vi } from "@effect/vitest"
import { PlexAPI } from "@lukehagar/plexjs"
import { CreatePinResponse } from "@plex-auth/core"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Layer, Redacted, Schema } from "effect"
import { createServer } from "node:http"

const Simulator = PlexTvSimulator.layerServer.pipe(
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.orDie
)

// Its getPin takes 200 alone for a success, and plex.tv answers 201: the PIN is made by hand.
it.scoped("@lukehagar/plexjs reads the token of a claimed PIN", () =>
  Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    const headers = { accept: "application/json", "x-plex-client-identifier": "plexjs-test" }
    const created = yield* Effect.promise(() => fetch(`${simulator.baseUrl}/pins`, { method: "POST", headers }))
    const text = yield* Effect.promise(() => created.text())
    const { code, id } = yield* Schema.decode(Schema.parseJson(CreatePinResponse))(text)
    const token = yield* simulator.claim(code)
    // It puts paths together as URLs are resolved.
    const server = { serverURL: `${simulator.baseUrl}/` }
    const client = new PlexAPI({ xPlexClientIdentifier: "plexjs-test" })
    const read = yield* Effect.promise(() => client.plex.getTokenByPinId(Number(id), "plexjs-test", server))
    assert.strictEqual(read.authPinContainer?.authToken, Redacted.value(token))
  }).pipe(Effect.provide(Simulator))
)

it.scoped("@ctrl/plex signs in and reads the account", () =>
  Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    const { origin } = new URL(simulator.baseUrl)
    const { fetch } = globalThis
    // Its host is a constant.
    vi.stubGlobal("fetch", (url: string | URL | Request, init?: RequestInit) =>
      fetch(String(url instanceof Request ? url.url : url).replace("https://plex.tv", origin), init)
    )
    yield* Effect.addFinalizer(() => Effect.sync(() => vi.unstubAllGlobals()))
    const login = yield* Effect.promise(() => MyPlexAccount.getWebLogin())
    const token = yield* simulator.claim(login.code, "bob")
    const account = yield* Effect.promise(() => MyPlexAccount.webLoginCheck(login))
    assert.strictEqual(account.token, Redacted.value(token))
    assert.strictEqual(account.username, "bob")
  }).pipe(Effect.provide(Simulator))
)
