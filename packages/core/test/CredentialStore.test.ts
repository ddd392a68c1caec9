import { KeyValueStore } from "@effect/platform"
import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { CredentialStore, Pin, PlexClientInfo } from "@plex-auth/core"
import type { Credentials } from "@plex-auth/core"
import { Data, Effect, Exit, Layer, Option, Record, Schema } from "effect"
import { alice, bob, canary, clientIdentifier, credentialsOf, linkPin, strongPin, token } from "./storeSamples.js"
import { kinds, systemError } from "./storeSupport.js"
import { assertNotPrinted, storedPin } from "./support.js"

const anotherPin = Schema.decodeUnknownSync(Pin)(storedPin({ id: "99" }))

const assertAll = <A>(actual: ReadonlyArray<A>, ...expected: ReadonlyArray<A>) =>
  assertEquals(Data.array(actual), Data.array(expected))

describe.each(Record.keys(kinds).map((kind) => ({ kind })))("the laws of CredentialStore: $kind", ({ kind }) => {
  const open = Effect.map(kinds[kind], (again) => ({ again }))

  it.scopedLive("is empty at first", () =>
    Effect.gen(function* () {
      const store = yield* (yield* open).again
      assertEquals(yield* store.pending, Option.none())
      assertEquals(yield* store.unverified, Option.none())
      assertAll(yield* store.credentials)
    })
  )

  it.scopedLive("threat 3: makes a client identifier of 128 bits once, for 50 who ask at once, and keeps it", () =>
    Effect.gen(function* () {
      const { again } = yield* open
      const store = yield* again
      const made = yield* Effect.all(Effect.replicate(store.clientIdentifier, 50), { concurrency: "unbounded" })
      strictEqual(new Set(made).size, 1)
      assertTrue(/^[0-9a-f]{32}$/.test(String(made[0])))
      yield* store.save(alice)
      strictEqual(yield* (yield* again).clientIdentifier, made[0])
      const other = yield* (yield* open).again
      assertTrue((yield* other.clientIdentifier) !== made[0])
    })
  )

  it.scopedLive(
    "case 51: makes a device's key once, for 20 who ask at once, and keeps it until it is told to forget it",
    () =>
      Effect.gen(function* () {
        const { again } = yield* open
        const store = yield* again
        const made = yield* Effect.all(Effect.replicate(store.deviceKey, 20), { concurrency: "unbounded" })
        strictEqual(new Set(made.map(({ kid }) => kid)).size, 1)
        assertEquals(yield* (yield* again).deviceKey, made[0])
        yield* store.forgetDeviceKey
        assertTrue((yield* (yield* again).deviceKey).kid !== made[0]?.kid)
      })
  )

  it.scopedLive("a token that was issued waits for its verification, beside a pending sign-in", () =>
    Effect.gen(function* () {
      const { again } = yield* open
      const store = yield* again
      yield* store.savePending(linkPin)
      yield* store.saveIssued({ token: alice.token, clientIdentifier })
      assertEquals(
        (yield* (yield* again).issued).pipe(Option.map(({ token: issued }) => issued)),
        Option.some(alice.token)
      )
      assertEquals(yield* store.unverified, Option.none())
      assertEquals(yield* store.pending, Option.some(linkPin))
      yield* store.forgetToken(bob.token)
      yield* store.save(bob)
      assertTrue(Option.isSome(yield* store.issued))
      yield* store.save(alice)
      assertEquals(yield* (yield* again).issued, Option.none())
      yield* store.saveIssued({ token: alice.token, clientIdentifier })
      yield* store.forgetToken(alice.token)
      assertEquals(yield* (yield* again).issued, Option.none())
    })
  )

  it.scopedLive("one holder at a time has the turn, until it gives it back", () =>
    Effect.gen(function* () {
      const { again } = yield* open
      const store = yield* again
      const other = yield* again
      const turns = ["a", "b", "c"].map((holder) => store.takeTurn(holder, "1 minute"))
      deepStrictEqual(yield* Effect.all(turns, { concurrency: "unbounded" }), [true, false, false])
      assertTrue(yield* other.takeTurn("a", "1 minute"))
      yield* other.endTurn("b")
      assertTrue(!(yield* other.takeTurn("b", "1 minute")))
      yield* store.endTurn("a")
      assertTrue(yield* other.takeTurn("b", "1 minute"))
      yield* other.takeTurn("b", 0)
      assertTrue(yield* store.takeTurn("a", "1 minute"))
    })
  )

  it.scopedLive.each([{ pin: linkPin }, { pin: strongPin }])("keeps a pending $pin._tag, the last one", ({ pin }) =>
    Effect.gen(function* () {
      const { again } = yield* open
      const store = yield* again
      yield* store.savePending(linkPin)
      yield* store.savePending(pin)
      yield* store.forgetPending(anotherPin)
      assertEquals(yield* (yield* again).pending, Option.some(pin))
      yield* store.forgetPending(pin)
      yield* store.forgetPending(pin)
      assertEquals(yield* (yield* again).pending, Option.none())
    })
  )

  it.scopedLive("a token that was read ends the pending sign-in, and waits for its account", () =>
    Effect.gen(function* () {
      const { again } = yield* open
      const store = yield* again
      yield* store.savePending(linkPin)
      yield* store.saveToken({ token: token("of-alice"), clientIdentifier })
      assertEquals(yield* (yield* again).pending, Option.none())
      const found = Option.getOrThrow(yield* (yield* again).unverified)
      assertEquals(found.token, token("of-alice"))
      strictEqual(found.clientIdentifier, clientIdentifier)
    })
  )

  it.scopedLive("forgets a token that waits if it is that one, and when it is saved with its account", () =>
    Effect.gen(function* () {
      const store = yield* (yield* open).again
      yield* store.saveToken({ token: alice.token, clientIdentifier })
      yield* store.forgetToken(bob.token)
      yield* store.save(bob)
      assertEquals(Option.getOrThrow(yield* store.unverified).token, alice.token)
      yield* store.save(alice)
      assertEquals(yield* store.unverified, Option.none())
      yield* store.saveToken({ token: bob.token, clientIdentifier })
      yield* store.forgetToken(bob.token)
      assertEquals(yield* store.unverified, Option.none())
      assertAll(yield* store.credentials, alice, bob)
    })
  )

  it.scopedLive("has one entry for each account, the one that was saved last first", () =>
    Effect.gen(function* () {
      const { again } = yield* open
      const store = yield* again
      yield* store.save(alice)
      yield* store.save(bob)
      assertAll(yield* (yield* again).credentials, bob, alice)
      const renewed = credentialsOf(alice.account.id, "alice-anew")
      yield* store.save(renewed)
      assertAll(yield* (yield* again).credentials, renewed, bob)
      yield* store.remove(bob.account.id)
      yield* store.remove(12345)
      assertAll(yield* (yield* again).credentials, renewed)
      yield* store.remove(alice.account.id)
      assertAll(yield* (yield* again).credentials)
    })
  )

  it.scopedLive("what is saved at once is all there", () =>
    Effect.gen(function* () {
      const { again } = yield* open
      const store = yield* again
      const all = Array.from({ length: 20 }, (_, i) => credentialsOf(i, `user-${i}`))
      yield* Effect.forEach(all, store.save, { concurrency: "unbounded", discard: true })
      deepStrictEqual(
        (yield* (yield* again).credentials).map(({ account }) => account.id).sort((a, b) => a - b),
        all.map(({ account }) => account.id)
      )
    })
  )

  it.scopedLive("threat 4: prints no token", () =>
    Effect.gen(function* () {
      const store = yield* (yield* open).again
      yield* store.save(alice)
      yield* store.saveToken({ token: bob.token, clientIdentifier })
      assertNotPrinted([yield* store.credentials, yield* store.unverified, store], canary, "alice@example.com")
      // A program without types can hand over anything: it is told so, and is not quoted.
      const wrong: Credentials = JSON.parse(JSON.stringify({ ...alice, token: `${canary}plain` }))
      const exit = yield* Effect.exit(store.save(wrong))
      assertTrue(Exit.isFailure(exit))
      assertNotPrinted(exit.cause, canary)
    })
  )
})

describe("CredentialStore.layerClientInfo", () => {
  it.effect("has the client identifier of the store, and the options", () =>
    Effect.gen(function* () {
      const client = yield* PlexClientInfo
      const store = yield* CredentialStore
      deepStrictEqual({ ...client }, { product: "My Cool App", clientIdentifier: yield* store.clientIdentifier })
    }).pipe(
      Effect.provide(
        Layer.provideMerge(CredentialStore.layerClientInfo({ product: "My Cool App" }), CredentialStore.layerMemory)
      )
    )
  )

  it.effect("fails for a bad option", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Layer.build(CredentialStore.layerClientInfo({ product: " " })))
      strictEqual(error._tag, "InvalidRequest")
    }).pipe(Effect.scoped, Effect.provide(CredentialStore.layerMemory))
  )
})

describe("CredentialStore.layerKeyValueStore", () => {
  it.effect("names the key and the operation when the KeyValueStore fails, and nothing that it says", () =>
    Effect.gen(function* () {
      const fails = Effect.fail(systemError("set", "PermissionDenied"))
      const memory = yield* Effect.provide(KeyValueStore.KeyValueStore, KeyValueStore.layerMemory)
      const open = (keyValueStore: KeyValueStore.KeyValueStore) =>
        CredentialStore.pipe(
          Effect.provide(CredentialStore.layerKeyValueStore({ key: "plex" })),
          Effect.provideService(KeyValueStore.KeyValueStore, keyValueStore)
        )
      const errors = [
        yield* Effect.flip((yield* open({ ...memory, get: () => fails })).credentials),
        yield* Effect.flip((yield* open({ ...memory, set: () => fails })).save(alice))
      ]
      deepStrictEqual(
        errors.map((error) => error._tag === "StoreUnavailable" && [error.where, error.operation, error.reason]),
        [
          ["the key plex", "read", "permission denied"],
          ["the key plex", "write", "permission denied"]
        ]
      )
      assertNotPrinted(errors, canary)
    })
  )
})
