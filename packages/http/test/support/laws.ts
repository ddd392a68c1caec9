/** What holds for every `PlexAuth`. The laws know no test runner: `.ci/runtimes.mjs` runs them on each runtime too. */
import { PlexAuth, SignIn } from "@plex-auth/core"
import { assert } from "chai"
import { Context, Effect, Option, Redacted } from "effect"
import type { Fiber } from "effect"
import { makeDevice } from "./device.js"

/** What the laws need of the world that a `PlexAuth` is in. */
export class World extends Context.Tag("World")<
  World,
  {
    /** Claims a PIN as alice. */
    readonly claim: (code: string) => Effect.Effect<unknown>
    /** How many requests have been sent. */
    readonly requests: Effect.Effect<number>
    /** Lets the time pass until a fiber is done. */
    readonly outlast: <A, E>(fiber: Fiber.RuntimeFiber<A, E>) => Effect.Effect<A, E>
  }
>() {}

/** `needs` is what the world has to have answers for. */
export interface Law {
  readonly name: string
  readonly needs: "user" | "device"
  readonly clientIdentifier: string | undefined
  readonly holds: Effect.Effect<void, never, PlexAuth | World>
}

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

export const laws: ReadonlyArray<Law> = [
  {
    name: "a PIN is pending until it is claimed, then has the token, which is good for each operation until it is signed out",
    needs: "user",
    clientIdentifier: "laws",
    holds: Effect.gen(function* () {
      const plex = yield* PlexAuth
      const { claim, outlast } = yield* World
      const pin = yield* SignIn.start()
      assert.match(pin.code, /^[A-Z0-9]{4}$/)
      const before = yield* plex.getToken({ pinID: pin.id, xPlexClientIdentifier: pin.clientIdentifier })
      assert.isTrue(Option.isNone(before.authToken))
      yield* claim(pin.code)
      const token = yield* Effect.flatMap(Effect.fork(SignIn.wait(pin)), outlast)
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
    }).pipe(Effect.orDie)
  },
  {
    name: "a device reads its PIN with what it signed, and gets another token for a nonce, signed once",
    needs: "device",
    clientIdentifier: "laws",
    holds: Effect.gen(function* () {
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
      assert.isBelow(Math.abs(yield* plex.clockOffset), 5_000)
    }).pipe(Effect.orDie)
  },
  {
    name: "case 35, threat 10: bad input is an InvalidRequest that names the field, and nothing is sent",
    needs: "user",
    clientIdentifier: "laws",
    holds: Effect.gen(function* () {
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
    }).pipe(Effect.orDie)
  },
  {
    name: "without a client identifier anywhere nothing is sent",
    needs: "user",
    clientIdentifier: undefined,
    holds: Effect.gen(function* () {
      const plex = yield* PlexAuth
      const { requests } = yield* World
      assert.strictEqual((yield* Effect.flip(plex.createPin()))._tag, "ClientIdentifierMissing")
      assert.strictEqual((yield* Effect.flip(plex.getToken({ pinID: "1" })))._tag, "ClientIdentifierMissing")
      assert.strictEqual(yield* requests, 0)
    }).pipe(Effect.orDie)
  }
]
