import type { FileSystem, KeyValueStore, Path } from "@effect/platform"
import { CredentialStore } from "@plex-auth/core"
import type {
  AccessToken,
  ClientIdentifier,
  Credentials,
  CryptoUnavailable,
  DeviceKey,
  InvalidRequest,
  PlexClientInfo,
  Pin,
  StoreDamaged,
  StoreUnavailable
} from "@plex-auth/core"
import type { Effect, Layer, Option } from "effect"
import { describe, expect, test } from "tstyche"

declare const store: CredentialStore.Service
declare const pin: Pin
declare const credentials: Credentials

type Operation<A> = Effect.Effect<A, StoreUnavailable | StoreDamaged>

describe("CredentialStore", () => {
  test("each operation fails with the store's two errors alone", () => {
    expect(store.clientIdentifier).type.toBe<Operation<ClientIdentifier>>()
    expect(store.pending).type.toBe<Operation<Option.Option<Pin>>>()
    expect(store.savePending(pin)).type.toBe<Operation<void>>()
    expect(store.unverified).type.toBe<Operation<Option.Option<CredentialStore.Unverified>>>()
    expect(store.saveToken(credentials)).type.toBe<Operation<void>>()
    expect(store.credentials).type.toBe<Operation<ReadonlyArray<Credentials>>>()
    expect(store.issued).type.toBe<Operation<Option.Option<CredentialStore.Unverified>>>()
    expect(store.takeTurn("me", "1 minute")).type.toBe<Operation<boolean>>()
    expect(store.deviceKey).type.toBe<Effect.Effect<DeviceKey, StoreUnavailable | StoreDamaged | CryptoUnavailable>>()
    expect<CredentialStore.Unverified["token"]>().type.toBe<AccessToken>()
  })

  test("a layer says what it needs", () => {
    expect(CredentialStore.layerMemory).type.toBe<Layer.Layer<CredentialStore>>()
    expect(CredentialStore.layerKeyValueStore()).type.toBe<
      Layer.Layer<CredentialStore, never, KeyValueStore.KeyValueStore>
    >()
    expect(CredentialStore.layerFile("plex.json")).type.toBe<
      Layer.Layer<CredentialStore, never, FileSystem.FileSystem | Path.Path>
    >()
    expect(CredentialStore.layerClientInfo({ product: "My Cool App" })).type.toBe<
      Layer.Layer<PlexClientInfo, InvalidRequest | StoreUnavailable | StoreDamaged, CredentialStore>
    >()
    expect(CredentialStore.layerClientInfo).type.not.toBeCallableWith({})
  })
})
