import { describe, it } from "@effect/vitest"
import { assertEquals, strictEqual } from "@effect/vitest/utils"
import { CredentialStore } from "@plex-auth/core"
import { Effect, Option } from "effect"
import { alice, bob, linkPin, token } from "./storeSamples.js"

describe("CredentialStore in memory", () => {
  it.effect("is empty at first", () =>
    Effect.gen(function* () {
      const store = yield* CredentialStore
      assertEquals(yield* store.pending, Option.none())
      assertEquals(yield* store.unverified, Option.none())
      assertEquals(yield* store.credentials, [])
    }).pipe(Effect.provide(CredentialStore.layerMemory))
  )

  it.effect("goes from a pending sign-in over its token to credentials", () =>
    Effect.gen(function* () {
      const store = yield* CredentialStore
      yield* store.savePending(linkPin)
      assertEquals(yield* store.pending, Option.some(linkPin))
      const clientIdentifier = yield* store.clientIdentifier
      strictEqual(yield* store.clientIdentifier, clientIdentifier)
      yield* store.saveToken({ token: token("of-alice"), clientIdentifier })
      assertEquals(yield* store.pending, Option.none())
      yield* store.save(bob)
      yield* store.save(alice)
      assertEquals(yield* store.unverified, Option.none())
      assertEquals(yield* store.credentials, [alice, bob])
    }).pipe(Effect.provide(CredentialStore.layerMemory))
  )
})
