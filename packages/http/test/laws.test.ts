/** What holds for every `PlexAuth`: the one for tests, and the one over HTTP, in the caller's fiber and behind a socket. */
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import {
  AccessToken,
  DeviceJwtRejected,
  DeviceKeyTaken,
  HomePinRejected,
  PinNotFound,
  PlexAuth,
  PlexAuthTest,
  PlexClientInfo,
  SignIn,
  Unauthorized
} from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Context, Effect, Fiber, Layer, Option, Redacted, Schema, TestClock } from "effect"
import { createServer } from "node:http"
import { deviceKey } from "./support/bench.js"
import { makeDevice } from "./support/device.js"

/** What the laws need of the world that a `PlexAuth` is in. */
class World extends Context.Tag("World")<
  World,
  { readonly claim: (code: string) => Effect.Effect<unknown>; readonly requests: Effect.Effect<number> }
>() {}

const info = (clientIdentifier: string | undefined) =>
  PlexClientInfo.layer({ clientIdentifier, product: "Laws" }).pipe(Layer.orDie)

const fixed = Layer.effect(
  World,
  Effect.map(Effect.context<PlexAuthTest.Recorder>(), (context) => ({
    claim: () => Effect.void,
    requests: PlexAuthTest.requests.pipe(
      Effect.map(({ length }) => length),
      Effect.provide(context)
    )
  }))
).pipe(
  Layer.provideMerge(
    PlexAuthTest.layerScript({
      createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
      getToken: [
        PlexAuthTest.pending(),
        PlexAuthTest.claimed("a-token-of-alice"),
        new PinNotFound({ operation: "PlexAuth.getToken", status: 404, code: 1020, reasons: ["unknown"] }),
        PlexAuthTest.claimed("another-token-of-alice")
      ],
      account: [PlexAuthTest.account(), new Unauthorized({ operation: "PlexAuth.account", status: 401, code: 1001 })],
      ping: [Effect.void],
      signOut: [Effect.void],
      linkPin: [
        Effect.void,
        new PinNotFound({ operation: "PlexAuth.linkPin", status: 404, code: 1020, reasons: ["unknown"] })
      ],
      resources: [[PlexAuthTest.server()]],
      homeUsers: [[PlexAuthTest.homeUser()]],
      switchUser: [
        new HomePinRejected({ operation: "PlexAuth.switchUser", status: 403, code: 1041 }),
        PlexAuthTest.switched("the-token-of-the-kid")
      ]
    })
  )
)

const notSigned = (operation: string) => new DeviceJwtRejected({ operation, status: 422, code: 1008 })

const { crv, kid, kty, x } = deviceKey

const fixedDevice = Layer.succeed(World, { claim: () => Effect.void, requests: Effect.succeed(0) }).pipe(
  Layer.provideMerge(
    PlexAuthTest.layerScript({
      createPin: [
        PlexAuthTest.linkPin(),
        new DeviceKeyTaken({ operation: "PlexAuth.createPin", status: 422, code: 1998 })
      ],
      getToken: [
        notSigned("PlexAuth.getToken"),
        PlexAuthTest.pending(),
        notSigned("PlexAuth.getToken"),
        PlexAuthTest.claimed("a-token-for-the-key")
      ],
      account: [PlexAuthTest.account(), PlexAuthTest.account()],
      registerKey: [Effect.void],
      nonce: ["a-word", "another-word"],
      exchangeJwt: [
        Schema.decodeSync(AccessToken)("another-token-for-the-key"),
        notSigned("PlexAuth.exchangeJwt"),
        notSigned("PlexAuth.exchangeJwt")
      ],
      keys: [[{ kty, crv, x, kid }]]
    })
  )
)

const simulated = Layer.effect(
  World,
  Effect.map(PlexTvSimulator, ({ claim, requests }) => ({
    claim: (code) => Effect.orDie(claim(code)),
    requests: Effect.map(requests, ({ length }) => length)
  }))
)

const inFiber = simulated.pipe(
  Layer.provideMerge(PlexAuthHttp.layer()),
  Layer.provide(PlexTvSimulator.layerHttpClient),
  Layer.orDie
)

const overSocket = simulated.pipe(
  Layer.provideMerge(Layer.unwrapEffect(Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layer({ baseUrl })))),
  Layer.provide(PlexTvSimulator.layerServer),
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.orDie
)

const worlds = {
  "fixed answers": { user: fixed, device: fixedDevice },
  "simulator in the caller's fiber": { user: inFiber, device: inFiber },
  "simulator behind a socket": { user: overSocket, device: overSocket }
}

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

const hostile: ReadonlyArray<unknown> = [
  "",
  " 1",
  "../../user",
  "1?x=",
  "1#",
  "%2e%2e",
  "1/../2",
  "1\r\n",
  1.5,
  1e21,
  -1
]

for (const [name, { device: deviceWorld, user: world }] of Object.entries(worlds)) {
  describe(`PlexAuth over ${name}`, () => {
    it.scoped(
      "a PIN is pending until it is claimed, then has the token, which is good for each operation until it is signed out",
      () =>
        Effect.gen(function* () {
          const plex = yield* PlexAuth
          const { claim } = yield* World
          const pin = yield* SignIn.start()
          assert.match(pin.code, /^[A-Z0-9]{4}$/)
          const before = yield* plex.getToken({ pinID: pin.id, xPlexClientIdentifier: pin.clientIdentifier })
          assert.isTrue(Option.isNone(before.authToken))
          yield* claim(pin.code)
          const waiting = yield* Effect.fork(SignIn.wait(pin))
          while (Option.isNone(yield* Fiber.poll(waiting))) {
            yield* Effect.repeatN(turn, 20)
            yield* TestClock.adjust("1 second")
          }
          const token = yield* Fiber.join(waiting)
          assert.isAtLeast(Redacted.value(token).length, 10)
          const account = yield* plex.account(token)
          assert.strictEqual(account.displayName.toLowerCase(), "alice")
          const unknown = yield* Effect.flip(plex.getToken({ pinID: "1" }))
          assert.strictEqual(unknown._tag, "PinNotFound")

          yield* plex.ping(token)
          const [server] = (yield* plex.resources(token)).filter(({ isServer }) => isServer)
          assert.isTrue(server !== undefined && Option.isSome(server.accessToken) && server.connections.length > 0)
          const users = yield* plex.homeUsers(token)
          const child = users.find((each) => Option.contains(each.protected, true))
          assert.isDefined(child)
          const wrong = yield* Effect.flip(plex.switchUser(token, { uuid: child.uuid }))
          assert.strictEqual(wrong._tag, "HomePinRejected")
          const switched = yield* plex.switchUser(token, { uuid: child.uuid, pin: Redacted.make("1234") })
          assert.notStrictEqual(switched.id, account.id)
          assert.notStrictEqual(Redacted.value(switched.authToken), Redacted.value(token))

          const other = yield* SignIn.start()
          yield* plex.linkPin(token, ` ${other.code.toLowerCase()} `)
          const linked = yield* plex.getToken({ pinID: other.id, xPlexClientIdentifier: other.clientIdentifier })
          assert.isTrue(Option.isSome(linked.authToken))
          const own = Option.getOrElse(linked.authToken, () => token)
          assert.strictEqual((yield* Effect.flip(plex.linkPin(own, "ZZZZ9")))._tag, "PinNotFound")
          yield* plex.signOut(own)
          assert.strictEqual((yield* Effect.flip(plex.account(own)))._tag, "Unauthorized")
        }).pipe(Effect.provide(world.pipe(Layer.provide(info("laws")))))
    )

    it.scoped("a device reads its PIN with what it signed, and gets another token for a nonce, signed once", () =>
      Effect.gen(function* () {
        const plex = yield* PlexAuth
        const { claim } = yield* World
        const device = yield* makeDevice("laws")
        const jwk = device.publicJwk
        const pin = yield* SignIn.start({ jwk })
        const { id: pinID } = pin
        const look = Effect.flatMap(device.sign(), (signed) => plex.getToken({ pinID }, signed))

        assert.strictEqual((yield* Effect.flip(plex.getToken({ pinID })))._tag, "DeviceJwtRejected")
        assert.isTrue(Option.isNone((yield* look).authToken))
        yield* claim(pin.code)
        assert.strictEqual((yield* Effect.flip(plex.getToken({ pinID })))._tag, "DeviceJwtRejected")
        const token = Option.getOrThrow((yield* look).authToken)
        assert.strictEqual((yield* plex.account(token)).displayName.toLowerCase(), "alice")
        yield* plex.registerKey(token, jwk)
        const elsewhere = plex.createPin({ jwk, xPlexClientIdentifier: "another-device" })
        assert.strictEqual((yield* Effect.flip(elsewhere))._tag, "DeviceKeyTaken")

        const signed = yield* device.sign({ claims: { nonce: yield* plex.nonce } })
        const next = yield* plex.exchangeJwt(signed)
        assert.notStrictEqual(Redacted.value(next), Redacted.value(token))
        assert.strictEqual((yield* plex.account(next)).displayName.toLowerCase(), "alice")
        assert.strictEqual((yield* Effect.flip(plex.exchangeJwt(signed)))._tag, "DeviceJwtRejected")
        const foreign = yield* makeDevice("laws")
        const forged = yield* foreign.sign({ claims: { nonce: yield* plex.nonce } })
        assert.strictEqual((yield* Effect.flip(plex.exchangeJwt(forged)))._tag, "DeviceJwtRejected")

        assert.isNotEmpty(yield* plex.keys)
        // Over a socket too, it is the test's clock that the server goes by.
        assert.strictEqual(yield* plex.clockOffset, 0)
      }).pipe(Effect.provide(deviceWorld.pipe(Layer.provide(info("laws")))))
    )

    it.scoped("case 35: bad input is an InvalidRequest that names the field, and nothing is sent", () =>
      Effect.gen(function* () {
        const plex = yield* PlexAuth
        const { requests } = yield* World
        const refused = (error: { readonly _tag: string }, field: string) => {
          assert.strictEqual(error._tag, "InvalidRequest")
          assert.include(String(error), `${field} must be`)
        }
        for (const pinID of hostile) {
          const input: { pinID: string } = JSON.parse(JSON.stringify({ pinID }))
          refused(yield* Effect.flip(plex.getToken(input)), "pinID")
        }
        for (const identifier of ["", "a b", "a\r\nX-Evil: 1", "\0", "\x7f", "\u2028", "é", "x".repeat(10_000)]) {
          refused(
            yield* Effect.flip(plex.getToken({ pinID: "1", xPlexClientIdentifier: identifier })),
            "xPlexClientIdentifier"
          )
          refused(yield* Effect.flip(plex.createPin({ xPlexClientIdentifier: identifier })), "xPlexClientIdentifier")
        }
        assert.strictEqual(yield* requests, 0)
      }).pipe(Effect.provide(world.pipe(Layer.provide(info("laws")))))
    )

    it.scoped("without a client identifier anywhere nothing is sent", () =>
      Effect.gen(function* () {
        const plex = yield* PlexAuth
        const { requests } = yield* World
        assert.strictEqual((yield* Effect.flip(plex.createPin()))._tag, "ClientIdentifierMissing")
        assert.strictEqual((yield* Effect.flip(plex.getToken({ pinID: "1" })))._tag, "ClientIdentifierMissing")
        assert.strictEqual(yield* requests, 0)
      }).pipe(Effect.provide(world.pipe(Layer.provide(info(undefined)))))
    )
  })
}
