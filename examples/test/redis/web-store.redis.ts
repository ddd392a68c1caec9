/** Two instances of the site that share a Redis server. It needs one on this machine, so `.ci/run` runs it and `pnpm test` does not. */
import { KeyValueStore } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Deferred, Effect, Layer, Logger, Option } from "effect"
import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { redisStore } from "../../web/redis-store.js"
import { addressOf, instance, signInAtPlex, simulator, visitor } from "../support/site.js"

const freePort = Effect.async<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** A Redis server that forgets everything when the scope closes, and one that can be ended before. */
const redis = Effect.gen(function* () {
  const port = yield* freePort
  const folder = mkdtempSync(join(tmpdir(), "plex-auth-redis-"))
  yield* Effect.addFinalizer(() => Effect.promise(() => rm(folder, { recursive: true })))
  const ready = yield* Deferred.make<void>()
  const ended = yield* Deferred.make<void>()
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
      const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] })
      child.on("error", (error: NodeJS.ErrnoException) => {
        const hint =
          error.code === "ENOENT" ? "it is not installed. Try: apt-get install -y redis-server" : error.message
        Deferred.unsafeDone(ready, Effect.dieMessage(`redis-server does not start: ${hint}`))
        Deferred.unsafeDone(ended, Effect.void)
      })
      child.on("close", () => Deferred.unsafeDone(ended, Effect.void))
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (text.includes("Ready to accept connections")) Deferred.unsafeDone(ready, Effect.void)
      })
      return child
    }),
    (child) =>
      Effect.zipRight(
        Effect.sync(() => child.kill("SIGKILL")),
        Deferred.await(ended)
      )
  )
  yield* Deferred.await(ready)
  const end = Effect.zipRight(
    Effect.sync(() => server.kill("SIGKILL")),
    Deferred.await(ended)
  )
  return { url: `redis://127.0.0.1:${port}`, end }
})

const Around = Layer.merge(simulator, Logger.remove(Logger.defaultLogger))

const publicUrl = "https://example.com"

/** Two instances behind one address, each with a connection of its own. */
const twoInstances = (url: string) =>
  Effect.forEach([1, 2], () =>
    Effect.map(Layer.build(instance(publicUrl).pipe(Layer.provide(Layer.fresh(redisStore(url))))), addressOf)
  )

const keysOf = (url: string) =>
  Effect.map(Layer.build(redisStore(url)), (context) => {
    const store = KeyValueStore.KeyValueStore
    return Effect.flatMap(store, ({ size }) => size).pipe(Effect.provide(context))
  }).pipe(Effect.flatten)

it.scopedLive("a sign-in begins on one instance and ends on the other, and both know the user", () =>
  Effect.gen(function* () {
    const { url } = yield* redis
    const [first = "", second = ""] = yield* twoInstances(url)
    const alice = visitor(first, publicUrl)
    const { location } = yield* alice.post("/sign-in")
    const back = new URL(yield* signInAtPlex(location))
    assert.strictEqual(back.origin, publicUrl)

    const there = visitor(second, publicUrl)
    there.useCookie(alice.cookie())
    assert.strictEqual((yield* there.get("/")).title, "Waiting for Plex")
    assert.strictEqual((yield* there.get(back.pathname + back.search)).status, 303)
    alice.useCookie(there.cookie())
    assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
    assert.strictEqual((yield* there.get("/")).title, "Hello, alice!")
    assert.strictEqual((yield* alice.get(back.pathname + back.search)).status, 400, "the state is used up on both")
    yield* alice.post("/sign-out")
    assert.strictEqual((yield* there.get("/")).title, "Sign in")
    assert.strictEqual(yield* keysOf(url), 0)
  }).pipe(Effect.provide(Around))
)

it.scopedLive("threat 1: one state on two instances at a time makes one session", () =>
  Effect.gen(function* () {
    const { url } = yield* redis
    const instances = yield* twoInstances(url)
    const alice = visitor(instances[0] ?? "", publicUrl)
    const { location } = yield* alice.post("/sign-in")
    const back = new URL(yield* signInAtPlex(location))
    const twins = Array.from({ length: 10 }, (_, i) => visitor(instances[i % 2] ?? "", publicUrl))
    twins.forEach((twin) => twin.useCookie(alice.cookie()))
    const answers = yield* Effect.forEach(twins, (twin) => twin.get(back.pathname + back.search), {
      concurrency: "unbounded"
    })
    const sessions = twins.flatMap((twin, i) => (answers[i]?.status === 303 ? [twin.cookie()] : []))
    assert.isAbove(sessions.length, 0)
    assert.strictEqual(new Set(sessions).size, 1)
    assert.strictEqual(yield* keysOf(url), 1)
  }).pipe(Effect.provide(Around))
)

it.scopedLive("a code is shown by one instance, and waited for by the other", () =>
  Effect.gen(function* () {
    const { url } = yield* redis
    const simulated = yield* PlexTvSimulator
    const [first = "", second = ""] = yield* twoInstances(url)
    const tv = visitor(first, publicUrl)
    yield* tv.post("/link")
    const there = visitor(second, publicUrl)
    there.useCookie(tv.cookie())
    assert.strictEqual((yield* there.get("/")).title, "Enter the code")
    yield* simulated.claim((yield* simulated.waiting)[0]?.code ?? "", "bob")
    assert.strictEqual((yield* there.post("/wait")).status, 200)
    assert.strictEqual((yield* there.get("/")).title, "Hello, bob!")
  }).pipe(Effect.provide(Around))
)

it.scopedLive("Redis goes away: a sentence; it never was there: another one", () =>
  Effect.gen(function* () {
    const { end, url } = yield* redis
    const [first = ""] = yield* twoInstances(url)
    const alice = visitor(first, publicUrl)
    yield* alice.post("/link")
    yield* end
    const answer = yield* alice.get("/")
    assert.strictEqual(answer.status, 503)
    assert.include(answer.body, "This site has trouble of its own.")

    for (const unreachable of [url, "redis://user:secret@127.0.0.1:1", "nonsense"]) {
      const error = yield* Effect.flip(Layer.build(redisStore(unreachable)))
      assert.match(error.message, /^Can't reach Redis \(.*\)\. Start it, or correct REDIS_URL\.$/)
      assert.notInclude(error.message, "secret")
    }
  }).pipe(Effect.provide(Around))
)

it.scopedLive("keeps the laws of a KeyValueStore, and leaves the keys of others alone", () =>
  Effect.gen(function* () {
    const { url } = yield* redis
    const context = yield* Layer.build(redisStore(url))
    yield* Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      assert.deepStrictEqual(yield* store.get("a"), Option.none())
      yield* store.remove("a")
      yield* store.set("a", "1")
      yield* store.set("b", "ü\u0000\n")
      yield* store.set("a", "2")
      assert.deepStrictEqual(yield* store.get("a"), Option.some("2"))
      assert.deepStrictEqual(yield* store.get("b"), Option.some("ü\u0000\n"))
      yield* store.set("bytes", new Uint8Array([0, 255]))
      assert.deepStrictEqual(yield* store.getUint8Array("bytes"), Option.some(new Uint8Array([0, 255])))
      assert.strictEqual(yield* store.size, 3)
      yield* store.remove("a")
      assert.isFalse(yield* store.has("a"))
      yield* store.clear
      assert.isTrue(yield* store.isEmpty)
      yield* store.clear
    }).pipe(Effect.provide(context))
  })
)
