/** Devices with a key, from the sign-in over the refreshes to the end, against the simulated plex.tv. */
import type { HttpClient } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CredentialStore, DeviceKey, PlexAuth, PlexJwt, PlexSession, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Fault, PlexTvSimulator } from "@plex-auth/http/testing"
import { Clock, DateTime, Duration, Effect, Exit, Layer, Option, Redacted, TestClock } from "effect"
import { createServer } from "node:http"

const store = CredentialStore.layerMemory

const client = CredentialStore.layerClientInfo({ product: "My Cool App" })

/** Everything of a program that signs in with a device's key. */
const inFiber = PlexSession.layer().pipe(
  Layer.provideMerge(PlexAuthHttp.layer()),
  Layer.provideMerge(PlexTvSimulator.layerHttpClient),
  Layer.provideMerge(client),
  Layer.provideMerge(store),
  Layer.orDie
)

const overSocket = (http: Layer.Layer<HttpClient.HttpClient>) =>
  PlexSession.layer().pipe(
    Layer.provideMerge(
      Layer.unwrapEffect(Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layer({ baseUrl })))
    ),
    Layer.provideMerge(PlexTvSimulator.layerServer),
    Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
    Layer.provide(http),
    Layer.provideMerge(client),
    Layer.provideMerge(store),
    Layer.orDie
  )

/** Signs alice in with a device's key; she claims the PIN as soon as she sees it. */
const signIn = Effect.gen(function* () {
  const simulator = yield* PlexTvSimulator
  return yield* SignIn.run({
    strong: true,
    jwt: true,
    show: (pin) => Effect.asVoid(Effect.orDie(simulator.claim(pin.code)))
  })
})

const settle = Effect.promise(async () => {
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve))
})

/** To the end of an effect that waits a second for its first look. */
const soon = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    for (let i = 0; i < 20; i++) {
      yield* settle
      yield* TestClock.adjust("1 second")
    }
    return yield* fiber
  })

const paths = Effect.flatMap(PlexTvSimulator, ({ requests }) =>
  Effect.map(requests, (all) => all.map(({ method, path }) => `${method} ${path.replace(/[0-9]{6,}/, "{id}")}`))
)

const expiry = Effect.flatMap(PlexSession, ({ status }) =>
  Effect.map(status, ({ expiresAt }) => DateTime.toEpochMillis(Option.getOrThrow(expiresAt)))
)

for (const [name, http] of [
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layer]
] as const) {
  it.scopedLive(`signs in over a socket with ${name}, refreshes, and is good for a request`, () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const session = yield* PlexSession
      const { account, token } = yield* signIn
      assert.strictEqual(account.displayName, "alice")
      assert.strictEqual((yield* plex.account(yield* session.token)).id, account.id)
      const second = yield* session.refresh()
      assert.notStrictEqual(Redacted.value(second), Redacted.value(token))
      assert.strictEqual((yield* plex.account(second)).id, account.id)
      assert.strictEqual((yield* plex.account(token)).id, account.id, "the one before it lives on")
      assert.isBelow(Math.abs(yield* plex.clockOffset), 2000)
    }).pipe(Effect.provide(overSocket(http)))
  )
}

describe("a device with a key", () => {
  it.effect("case 45: keeps its private half to itself, and the PIN and its token belong to the key", () =>
    Effect.gen(function* () {
      const { token } = yield* soon(signIn)
      const key = yield* Effect.flatMap(CredentialStore, ({ deviceKey }) => deviceKey)
      assert.strictEqual(Option.getOrThrow(PlexJwt.claims(token)).thumbprint, key.kid)
      assert.deepStrictEqual(yield* paths, [
        "POST /api/v2/pins",
        "GET /api/v2/pins/{id}",
        "GET /api/v2/auth/keys",
        "GET /api/v2/user"
      ])
      const requests = yield* Effect.flatMap(PlexTvSimulator, (simulator) => simulator.requests)
      assert.notInclude(JSON.stringify(requests), Redacted.value(key.d))
      assert.notInclude(JSON.stringify(requests), "deviceJWT")
    }).pipe(Effect.provide(inFiber))
  )

  it.effect("over six weeks of daily use has a valid token each day, though plex.tv's keys change each week", () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const plex = yield* PlexAuth
      const session = yield* PlexSession
      yield* soon(signIn)
      for (let day = 0; day < 42; day++) {
        yield* TestClock.adjust("1 day")
        if (day % 7 === 3) yield* simulator.rotateKeys
        const { displayName } = yield* session.withToken(plex.account)
        assert.strictEqual(displayName, "alice")
        assert.isAbove(yield* expiry, yield* Clock.currentTimeMillis)
      }
      const exchanges = (yield* paths).filter((path) => path === "POST /api/v2/auth/token")
      assert.lengthOf(exchanges, 7)
    }).pipe(Effect.provide(inFiber))
  )

  it.effect("after a year in a drawer gets a new token by its key alone", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const session = yield* PlexSession
      const { token } = yield* soon(signIn)
      yield* TestClock.adjust("365 days")
      assert.strictEqual((yield* Effect.flip(plex.account(token)))._tag, "TokenExpired")
      assert.strictEqual((yield* session.withToken(plex.account)).displayName, "alice")
    }).pipe(Effect.provide(inFiber))
  )

  it.effect.each([-10, 10])("case 46: whose clock is %s minutes off is served at the first try", (minutes) =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const simulator = yield* PlexTvSimulator
      const session = yield* PlexSession
      yield* simulator.setClockOffset(minutes * 60_000)
      yield* soon(signIn)
      yield* session.refresh()
      assert.lengthOf(
        (yield* paths).filter((path) => path === "POST /api/v2/auth/token"),
        1
      )
      const { clockCorrection } = yield* session.status
      assert.isBelow(Math.abs(clockCorrection - minutes * 60_000), 1000)
    }).pipe(Effect.provide(inFiber))
  )

  it.effect("case 46: whose clock is a year off hears of it", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const simulator = yield* PlexTvSimulator
      yield* simulator.setClockOffset(Duration.toMillis("365 days"))
      const error = yield* Effect.flip(soon(signIn))
      assert.deepInclude(error, { _tag: "ClockWrong", direction: "behind" })
    }).pipe(Effect.provide(inFiber))
  )

  it.effect(
    "case 47: an HTML page for a nonce, and none at all, exchange nothing; the token goes on while it lives",
    () =>
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        const session = yield* PlexSession
        yield* soon(signIn)
        yield* simulator.script(Fault.status(200, { headers: { "content-type": "text/html" }, body: "<html>" }))
        assert.strictEqual((yield* Effect.flip(session.refresh()))._tag, "InvalidResponse")
        yield* simulator.script(Fault.status(200, { headers: {}, body: "{}" }))
        assert.strictEqual((yield* Effect.flip(session.refresh()))._tag, "InvalidResponse")
        yield* session.token
        assert.notInclude(yield* paths, "POST /api/v2/auth/token")
      }).pipe(Effect.provide(inFiber))
  )

  it.effect("case 47: nonces are limited, and the limit is an error of its own", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const session = yield* PlexSession
      yield* soon(signIn)
      for (let i = 0; i < 20; i++) yield* plex.nonce
      const fiber = yield* Effect.fork(Effect.exit(session.refresh()))
      yield* settle
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Exit.isSuccess(yield* fiber))
    }).pipe(Effect.provide(inFiber))
  )

  it.effect("case 48: a token that was ended by another one is refreshed once for ten requests, by its 498", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const session = yield* PlexSession
      const simulator = yield* PlexTvSimulator
      yield* soon(signIn)
      const gone = Fault.status(498, { headers: {}, body: "{}" })
      yield* simulator.script(...Array.from({ length: 10 }, () => gone))
      yield* Effect.all(Effect.replicate(session.withToken(plex.account), 10), { concurrency: "unbounded" })
      const asked = (yield* paths).slice(4)
      assert.lengthOf(
        asked.filter((path) => path === "GET /api/v2/user"),
        20
      )
      assert.lengthOf(
        asked.filter((path) => path === "POST /api/v2/auth/token"),
        1
      )
    }).pipe(Effect.provide(inFiber))
  )

  it.effect(
    "case 49: whose key another installation has registered is told so, at its PIN and at its registration",
    () =>
      Effect.gen(function* () {
        const plex = yield* PlexAuth
        yield* soon(signIn)
        const credentials = yield* CredentialStore
        const { publicJwk } = yield* credentials.deviceKey
        const simulator = yield* PlexTvSimulator
        const copied = { xPlexClientIdentifier: "a-copy", strong: true, jwk: publicJwk } as const
        assert.strictEqual((yield* Effect.flip(plex.createPin(copied)))._tag, "DeviceKeyTaken")
        const pin = yield* plex.createPin({ xPlexClientIdentifier: "a-copy", strong: false })
        const token = yield* simulator.claim(pin.code)
        assert.strictEqual((yield* Effect.flip(plex.registerKey(token, publicJwk)))._tag, "DeviceKeyTaken")
      }).pipe(Effect.provide(inFiber))
  )

  it.effect("case 49: whose PIN is read with another key is refused", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const simulator = yield* PlexTvSimulator
      const key = yield* DeviceKey.generate
      const other = yield* DeviceKey.generate
      const pin = yield* SignIn.start({ strong: true, jwk: key.publicJwk })
      yield* simulator.claim(pin.code)
      assert.strictEqual((yield* Effect.flip(plex.getToken({ pinID: pin.id })))._tag, "DeviceJwtRejected")
      const mistaken = new DeviceKey({ ...other, kid: key.kid })
      const error = yield* Effect.flip(SignIn.complete(pin, { deviceKey: mistaken }))
      assert.strictEqual(error._tag, "DeviceJwtRejected")
      yield* SignIn.complete(pin, { deviceKey: key })
    }).pipe(Effect.provide(inFiber))
  )

  it.effect("with a legacy token gets one for its key without its user, and the legacy token ends", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const simulator = yield* PlexTvSimulator
      const legacy = yield* soon(SignIn.run({ show: (pin) => Effect.asVoid(Effect.orDie(simulator.claim(pin.code))) }))
      yield* plex.account(legacy.token)
      const upgraded = yield* SignIn.upgrade(legacy)
      assert.strictEqual((yield* plex.account(upgraded.token)).id, legacy.account.id)
      assert.strictEqual((yield* Effect.flip(plex.account(legacy.token)))._tag, "Unauthorized")
      const session = yield* PlexSession
      assert.strictEqual((yield* session.status).kind, "jwt")
    }).pipe(Effect.provide(inFiber))
  )

  it.effect("a PIN of a device lives as long as another, and its deadline is the same", () =>
    Effect.gen(function* () {
      const key = yield* DeviceKey.generate
      const pin = yield* SignIn.start({ jwk: key.publicJwk })
      assert.strictEqual(pin._tag, "LinkPin")
      assert.deepStrictEqual(pin.thumbprint, Option.some(key.kid))
      assert.isTrue(Duration.equals(pin.expiresIn, Duration.minutes(15)))
    }).pipe(Effect.provide(inFiber))
  )
})
