/** Signing in with a device's key, and turning a legacy token into one that is issued for it. */
import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  ClientIdentifier,
  Credentials,
  CredentialStore,
  DeviceKey,
  DeviceKeyTaken,
  PlexJwt,
  PlexUnavailable,
  SignIn
} from "@plex-auth/core"
import { Clock, Deferred, Duration, Effect, Fiber, Layer, Option, Redacted, TestClock } from "effect"
import type { AccessToken, PinNotClaimed, PlexAuth, PlexClientInfo } from "@plex-auth/core"
import { makeIssuer } from "./issuer.js"
import { alice, clientIdentifier, token as legacyToken } from "./storeSamples.js"
import { assertNotPrinted, drive } from "./support.js"

const start = 1_800_000_000_000

const setUp = Effect.gen(function* () {
  yield* TestClock.setTime(start)
  const issuer = yield* makeIssuer
  const store = yield* Effect.provide(CredentialStore, CredentialStore.layerMemory)
  const layer = Layer.merge(issuer.layer, Layer.succeed(CredentialStore, store))
  const run = (options: { readonly resume?: boolean } = {}) =>
    SignIn.run({ strong: true, jwt: true, show: () => Effect.void, ...options }).pipe(Effect.provide(layer))
  return { issuer, store, layer, run }
})

describe("SignIn.run with jwt", () => {
  it.effect("case 51: keeps the key before plex.tv hears of it, and stores a token that is issued for it", () =>
    Effect.gen(function* () {
      const { issuer, layer, store } = yield* setUp
      yield* issuer.claimAt(start)
      let kept: DeviceKey | undefined
      const show = () => Effect.map(Effect.orDie(store.deviceKey), (key) => void (kept = key))
      const pins: Array<Option.Option<string>> = []
      const credentials = yield* drive(
        SignIn.run({
          strong: true,
          jwt: true,
          show: (pin) =>
            Effect.zipRight(
              show(),
              Effect.sync(() => void pins.push(pin.thumbprint))
            )
        }).pipe(Effect.provide(layer))
      )
      const key = yield* store.deviceKey
      assertEquals(kept, key)
      deepStrictEqual(pins, [Option.some(key.kid)])
      strictEqual(Option.getOrThrow(PlexJwt.claims(credentials.token)).thumbprint, key.kid)
      assertEquals((yield* store.credentials)[0], credentials)
      deepStrictEqual(issuer.asked, ["createPin", "getToken", "keys", "account"])
    })
  )

  it.effect("signs each look anew: a claim after twelve minutes is noticed", () =>
    Effect.gen(function* () {
      const { issuer, run } = yield* setUp
      const claimedAt = start + Duration.toMillis("12 minutes")
      yield* issuer.claimAt(claimedAt)
      yield* drive(run())
      assertTrue((yield* Clock.currentTimeMillis) - claimedAt < 10_000)
      strictEqual(issuer.deviceJwts.length, issuer.count("getToken"))
      assertTrue(issuer.deviceJwts.length > 100)
      for (const { aud, exp = 0, iat = 0, iss } of issuer.deviceJwts) {
        deepStrictEqual([aud, iss, exp - iat], ["plex.tv", clientIdentifier, 300])
      }
      assertTrue(new Set(issuer.deviceJwts.map(({ iat }) => iat)).size > 100)
    })
  )

  it.effect("case 46: by plex.tv's clock, where this one is wrong", () =>
    Effect.gen(function* () {
      const { issuer, run } = yield* setUp
      yield* issuer.setOffset(-600_000)
      yield* issuer.claimAt(start)
      yield* drive(run())
      assertTrue((issuer.deviceJwts[0]?.iat ?? Infinity) <= (start - 600_000) / 1000 + 2)
    })
  )

  it.effect("case 46: a clock that is years wrong is said to be so", () =>
    Effect.gen(function* () {
      const { issuer, run } = yield* setUp
      yield* issuer.setOffset(Duration.toMillis("1000 days"))
      const error = yield* Effect.flip(drive(run()))
      assertTrue(error._tag === "ClockWrong" && error.direction === "behind")
      strictEqual(issuer.count("getToken"), 1)
    })
  )

  it.effect("case 49: a key that another device has is no reason for a new one", () =>
    Effect.gen(function* () {
      const { issuer, layer, store } = yield* setUp
      const taken = new DeviceKeyTaken({ operation: "PlexAuth.createPin", status: 422 })
      const before = yield* store.deviceKey
      const error = yield* SignIn.run({ jwt: true, show: () => Effect.void }).pipe(
        Effect.provide(Layer.provideMerge(issuer.with({ createPin: () => Effect.fail(taken) }), layer)),
        Effect.flip
      )
      assertEquals(error, taken)
      assertEquals(yield* store.deviceKey, before)
    })
  )

  it.effect("threat 16: a token that is not plex.tv's is not kept", () =>
    Effect.gen(function* () {
      const { issuer, run, store } = yield* setUp
      yield* issuer.claimAt(start)
      yield* issuer.rotateUnlisted("somebody-else's")
      const error = yield* Effect.flip(drive(run()))
      assertTrue(error._tag === "UntrustedToken" && error.reason === "unknownKey")
      assertEquals(yield* store.unverified, Option.none())
      deepStrictEqual(yield* store.credentials, [])
    })
  )

  it.effect("trouble with plex.tv's keys does not lose the token, and resume goes on with it", () =>
    Effect.gen(function* () {
      const { issuer, run, store } = yield* setUp
      yield* issuer.claimAt(start)
      yield* issuer.first("keys", new PlexUnavailable({ operation: "PlexAuth.keys", reason: "timeout" }))
      strictEqual((yield* Effect.flip(drive(run())))._tag, "PlexUnavailable")
      const { token } = Option.getOrThrow(yield* store.unverified)
      const credentials = yield* drive(run({ resume: true }))
      assertEquals(credentials.token, token)
      strictEqual(issuer.issued.length, 1)
    })
  )

  it.effect("case 51: killed while it waits, resume goes on with the same PIN and the same key", () =>
    Effect.gen(function* () {
      const { issuer, run, store } = yield* setUp
      const fiber = yield* Effect.fork(run())
      yield* drive(Effect.sleep("5 seconds"))
      yield* Fiber.interrupt(fiber)
      const key = yield* store.deviceKey
      yield* issuer.claimAt(start)
      const { token } = yield* drive(run({ resume: true }))
      strictEqual(Option.getOrThrow(PlexJwt.claims(token)).thumbprint, key.kid)
      strictEqual(issuer.count("createPin"), 1)
    })
  )

  it.effect("a legacy token that an earlier run left is no token for the key", () =>
    Effect.gen(function* () {
      const { issuer, run, store } = yield* setUp
      yield* store.saveToken({ token: alice.token, clientIdentifier })
      yield* issuer.claimAt(start)
      const { token } = yield* drive(run({ resume: true }))
      assertTrue(Option.isSome(PlexJwt.claims(token)))
    })
  )

  it.effect("a PIN without a key is passed over by a run with one, and the other way round", () =>
    Effect.gen(function* () {
      const { issuer, layer, run } = yield* setUp
      const started = (effect: Effect.Effect<unknown, unknown>) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.fork(effect)
          yield* drive(Effect.sleep("2 seconds"))
          yield* Fiber.interrupt(fiber)
        })
      const legacy = (resume: boolean) =>
        Effect.provide(SignIn.run({ strong: true, resume, show: () => Effect.void }), layer)
      yield* started(legacy(false))
      yield* started(run({ resume: true }))
      yield* started(run({ resume: true }))
      yield* started(legacy(true))
      strictEqual(issuer.count("createPin"), 3)
    })
  )
})

describe("SignIn.wait with a device's key", () => {
  it.effect("fails before anything is sent when the key is missing, another one, or one too many", () =>
    Effect.gen(function* () {
      const { issuer, layer } = yield* setUp
      const key = yield* DeviceKey.generate
      const other = yield* DeviceKey.generate
      yield* Effect.gen(function* () {
        const pin = yield* SignIn.start({ strong: true, jwk: key.publicJwk })
        const plain = yield* SignIn.start({ strong: true })
        const waits = [
          SignIn.wait(pin),
          SignIn.wait(pin, { deviceKey: other }),
          SignIn.wait(plain, { deviceKey: key }),
          SignIn.complete(pin),
          SignIn.resume(pin)
        ]
        for (const wait of waits) {
          const error = yield* Effect.flip<AccessToken, SignIn.ResumeError | PinNotClaimed, PlexAuth | PlexClientInfo>(
            wait
          )
          assertTrue(error._tag === "InvalidRequest" && error.message.includes("deviceKey"), String(error))
        }
      }).pipe(Effect.provide(layer))
      strictEqual(issuer.count("getToken"), 0)
    })
  )

  it.effect("complete signs its looks as well", () =>
    Effect.gen(function* () {
      const { issuer, layer } = yield* setUp
      yield* issuer.claimAt(start)
      const deviceKey = yield* DeviceKey.generate
      yield* Effect.gen(function* () {
        const pin = yield* SignIn.start({ strong: true, jwk: deviceKey.publicJwk })
        yield* SignIn.complete(pin, { deviceKey })
      }).pipe(Effect.provide(layer))
      strictEqual(issuer.deviceJwts.length, 1)
    })
  )
})

describe("SignIn.upgrade", () => {
  it.effect("registers the key by the legacy token, and stores the first token that is issued for it", () =>
    Effect.gen(function* () {
      const { issuer, layer, store } = yield* setUp
      yield* store.save(alice)
      const credentials = yield* Effect.provide(SignIn.upgrade(alice), layer)
      deepStrictEqual(issuer.asked, ["registerKey", "nonce", "exchangeJwt", "keys"])
      assertEquals((yield* store.credentials)[0], credentials)
      assertEquals(credentials, new Credentials({ ...alice, token: credentials.token }))
      strictEqual(Option.getOrThrow(PlexJwt.claims(credentials.token)).thumbprint, (yield* store.deviceKey).kid)
    })
  )

  it.effect("threat 13: keeps the legacy token until the new one has been verified", () =>
    Effect.gen(function* () {
      const { issuer, layer, store } = yield* setUp
      yield* store.save(alice)
      yield* issuer.rotateUnlisted("somebody-else's")
      const error = yield* Effect.flip(Effect.provide(SignIn.upgrade(alice), layer))
      strictEqual(error._tag, "UntrustedToken")
      assertEquals((yield* store.credentials)[0], alice)
    })
  )

  it.effect.each(["registerKey", "nonce", "exchangeJwt", "keys"] as const)(
    "case 51: killed in %s, it goes on where it was with the same key",
    (step) =>
      Effect.gen(function* () {
        const { issuer, layer, store } = yield* setUp
        yield* store.save(alice)
        const reached = yield* Deferred.make<void>()
        yield* issuer.first(step, Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never))
        const fiber = yield* Effect.fork(Effect.provide(SignIn.upgrade(alice), layer))
        yield* Deferred.await(reached)
        const { kid } = yield* store.deviceKey
        yield* Fiber.interrupt(fiber)
        assertEquals((yield* store.credentials)[0], alice)
        const { token } = yield* Effect.provide(SignIn.upgrade(alice), layer)
        strictEqual(Option.getOrThrow(PlexJwt.claims(token)).thumbprint, kid)
        strictEqual(issuer.issued.length, 1)
      })
  )

  it.effect(
    "case 51: when the answer with the first token was lost, and the legacy token with it, the key is enough",
    () =>
      Effect.gen(function* () {
        const { issuer, layer, store } = yield* setUp
        yield* store.save(alice)
        const lost = new PlexUnavailable({ operation: "PlexAuth.exchangeJwt", reason: "reset" })
        const { exchangeJwt } = issuer.service
        const losing = issuer.with({ exchangeJwt: (jwt) => Effect.zipRight(exchangeJwt(jwt), Effect.fail(lost)) })
        const error = yield* Effect.flip(
          drive(Effect.provide(SignIn.upgrade(alice), Layer.provideMerge(losing, layer)))
        )
        assertEquals(error, lost)
        assertEquals(yield* store.issued, Option.none())
        const { token } = yield* Effect.provide(SignIn.upgrade(alice), layer)
        assertTrue(Option.isSome(PlexJwt.claims(token)))
      })
  )

  it.effect("a legacy token that was taken back is unauthorized", () =>
    Effect.gen(function* () {
      const { issuer, layer } = yield* setUp
      const other = new Credentials({ ...alice, token: legacyToken("of-nobody") })
      strictEqual((yield* Effect.flip(Effect.provide(SignIn.upgrade(other), layer)))._tag, "Unauthorized")
      deepStrictEqual(issuer.asked, ["registerKey", "nonce", "exchangeJwt"])
    })
  )

  it.effect("refuses a token of another client identifier before anything is sent", () =>
    Effect.gen(function* () {
      const { issuer, layer } = yield* setUp
      const other = new Credentials({ ...alice, clientIdentifier: ClientIdentifier.make("another-installation") })
      strictEqual((yield* Effect.flip(Effect.provide(SignIn.upgrade(other), layer)))._tag, "ClientIdentifierMismatch")
      deepStrictEqual(issuer.asked, [])
    })
  )

  it.effect("case 40: neither key nor token shows in what it fails with", () =>
    Effect.gen(function* () {
      const { issuer, layer, store } = yield* setUp
      yield* issuer.rotateUnlisted("somebody-else's")
      const error = yield* Effect.flip(Effect.provide(SignIn.upgrade(alice), layer))
      const key = yield* store.deviceKey
      assertNotPrinted(error, Redacted.value(key.d), ...issuer.issued.map(Redacted.value), Redacted.value(alice.token))
    })
  )
})
