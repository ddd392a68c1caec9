/**
 * Where a client identifier, a device's key, a pending sign-in and tokens live between runs.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type { AccessToken } from "./AccessToken.js"
import type { ClientIdentifier } from "./ClientIdentifier.js"
import type { Credentials } from "./Credentials.js"
import type { StoreDamaged, StoreUnavailable } from "./CredentialStoreError.js"
import type { DeviceKey } from "./DeviceKey.js"
import type { CryptoUnavailable } from "./DeviceKeyError.js"
import { fileBacking } from "./internal/fileBacking.js"
import { keyValueBacking } from "./internal/keyValueBacking.js"
import { makeCredentialStore } from "./internal/makeCredentialStore.js"
import { memoryBacking } from "./internal/memoryBacking.js"
import type { Pin } from "./Pin.js"
import type { InvalidRequest } from "./PlexAuthError.js"
import { PlexClientInfo } from "./PlexClientInfo.js"

/**
 * Where a client identifier, a device's key, a pending sign-in and tokens live between runs, for one or more accounts.
 *
 * Updates of one store are made one after the other, and one that changes nothing writes nothing. What the store holds
 * and cannot understand is never overwritten.
 *
 * @since 0.1.0
 * @category services
 * @example
 * ```ts
 * import { CredentialStore } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const store = yield* CredentialStore
 *   const [last] = yield* store.credentials
 *   return last === undefined ? "Nobody is signed in" : `Signed in as ${last.account.displayName}`
 * }).pipe(Effect.provide(CredentialStore.layerMemory))
 *
 * Effect.runPromise(program).then(console.log) // "Nobody is signed in"
 * ```
 */
export class CredentialStore extends Context.Tag("@plex-auth/core/CredentialStore")<
  CredentialStore,
  CredentialStore.Service
>() {
  /**
   * A store in memory, empty at first and gone with the program: for tests.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { CredentialStore } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const program = CredentialStore.pipe(
   *   Effect.flatMap((store) => store.clientIdentifier),
   *   Effect.provide(CredentialStore.layerMemory)
   * )
   * ```
   */
  static readonly layerMemory: Layer.Layer<CredentialStore> = Layer.sync(this, () =>
    makeCredentialStore(memoryBacking())
  )

  /**
   * A store under one key of a `KeyValueStore`, `"plex-auth"` unless told otherwise. No such store has locks: of two
   * processes that write at the same moment, the later one has its way. Where it can, keep it from others: what it holds
   * is worth the token.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { KeyValueStore } from "@effect/platform"
   * import { CredentialStore } from "@plex-auth/core"
   * import { Layer } from "effect"
   *
   * const Store = CredentialStore.layerKeyValueStore({ key: "plex" }).pipe(
   *   Layer.provide(KeyValueStore.layerStorage(() => globalThis.sessionStorage))
   * )
   * ```
   */
  static layerKeyValueStore(options?: {
    readonly key?: string | undefined
  }): Layer.Layer<CredentialStore, never, KeyValueStore.KeyValueStore> {
    return Layer.effect(
      CredentialStore,
      Effect.map(KeyValueStore.KeyValueStore, (keyValueStore) =>
        makeCredentialStore(keyValueBacking(keyValueStore, options?.key ?? "plex-auth"))
      )
    )
  }

  /**
   * A store in a file that its owner alone can read (0600, in a folder that is made with 0700 where there is none).
   *
   * The file is replaced as a whole: a kill at any moment leaves the old content or the new. Processes that write at the
   * same time wait for each other, by a lock file beside it. A symbolic link in the file's place is not followed. A file
   * that others may read is logged as a warning, once, and 0600 after the next write.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { CredentialStore } from "@plex-auth/core"
   * import { NodeContext } from "@effect/platform-node"
   * import { Layer } from "effect"
   *
   * const Store = CredentialStore.layerFile("/home/alice/.config/app/plex.json").pipe(Layer.provide(NodeContext.layer))
   * ```
   */
  static layerFile(path: string): Layer.Layer<CredentialStore, never, FileSystem.FileSystem | Path.Path> {
    return Layer.effect(
      CredentialStore,
      Effect.zipWith(FileSystem.FileSystem, Path.Path, (fileSystem, paths) =>
        makeCredentialStore(fileBacking(fileSystem, paths, path))
      )
    )
  }

  /**
   * Who is asking, with the client identifier of the store: made once for this installation, stored, and reused. Fails
   * like `PlexClientInfo.make`, and when the store does.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { CredentialStore } from "@plex-auth/core"
   * import { Layer } from "effect"
   *
   * const Program = CredentialStore.layerClientInfo({ product: "My Cool App" }).pipe(
   *   Layer.provideMerge(CredentialStore.layerMemory)
   * )
   * ```
   */
  static layerClientInfo(
    options: Omit<PlexClientInfo.Options, "clientIdentifier">
  ): Layer.Layer<PlexClientInfo, InvalidRequest | CredentialStore.Error, CredentialStore> {
    return Layer.effect(
      PlexClientInfo,
      CredentialStore.pipe(
        Effect.flatMap(({ clientIdentifier }) => clientIdentifier),
        Effect.flatMap((clientIdentifier) => PlexClientInfo.make({ ...options, clientIdentifier }))
      )
    )
  }
}

/**
 * The interface of a store, and its types.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { CredentialStore } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const signedIn = (store: CredentialStore.Service): Effect.Effect<boolean, CredentialStore.Error> =>
 *   Effect.map(store.credentials, ({ length }) => length > 0)
 * ```
 */
export declare namespace CredentialStore {
  /**
   * What can go wrong with each operation.
   *
   * @since 0.1.0
   * @category errors
   * @example
   * ```ts
   * import type { CredentialStore } from "@plex-auth/core"
   *
   * const where = (error: CredentialStore.Error): string => error.where
   * ```
   */
  export type Error = StoreUnavailable | StoreDamaged

  /**
   * A token that was read and whose account is not known yet, and the client identifier that it was made for.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import type { CredentialStore } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const keep = (store: CredentialStore.Service, read: CredentialStore.Unverified) => store.saveToken(read)
   * ```
   */
  export interface Unverified {
    readonly token: AccessToken
    readonly clientIdentifier: ClientIdentifier
  }

  /**
   * The operations of a store. Each fails with `StoreUnavailable` when the store cannot be read or written, and with
   * `StoreDamaged` when what it holds is no document of this version.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import type { CredentialStore } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const signOutAll = (store: CredentialStore.Service) =>
   *   Effect.flatMap(store.credentials, Effect.forEach(({ account }) => store.remove(account.id)))
   * ```
   */
  export interface Service {
    /** This installation's identifier: 128 random bits, made at the first use, stored, and the same from then on. */
    readonly clientIdentifier: Effect.Effect<ClientIdentifier, Error>
    /**
     * This device's key: made and stored at the first use, so before anybody else hears of it, and the same from then on.
     * Fails with `CryptoUnavailable` too, where the platform can't make one.
     */
    readonly deviceKey: Effect.Effect<DeviceKey, Error | CryptoUnavailable>
    /** Drops this device's key. The next use makes another one. */
    readonly forgetDeviceKey: Effect.Effect<void, Error>
    /** The sign-in that waits for its claim. */
    readonly pending: Effect.Effect<Option.Option<Pin>, Error>
    /** Keeps a sign-in that waits for its claim, in place of another one. */
    readonly savePending: (pin: Pin) => Effect.Effect<void, Error>
    /** Drops the sign-in that waits for its claim, if it is still that one. */
    readonly forgetPending: (pin: Pin) => Effect.Effect<void, Error>
    /** The token that was read and whose account is not known yet. */
    readonly unverified: Effect.Effect<Option.Option<Unverified>, Error>
    /** In one write: the token becomes the one that is `unverified`, and the pending sign-in is over. */
    readonly saveToken: (token: Unverified) => Effect.Effect<void, Error>
    /** The token that was issued for this device's key, in place of an account's, and has not been verified yet. */
    readonly issued: Effect.Effect<Option.Option<Unverified>, Error>
    /** The token becomes the one that is `issued`. */
    readonly saveIssued: (token: Unverified) => Effect.Effect<void, Error>
    /** Drops the token from `unverified` and `issued`, if it is still that one. */
    readonly forgetToken: (token: AccessToken) => Effect.Effect<void, Error>
    /** One entry for each account, the one that was saved last first. */
    readonly credentials: Effect.Effect<ReadonlyArray<Credentials>, Error>
    /** Puts an account's entry first, in place of its former one. If its token was `unverified` or `issued`, it is no longer. */
    readonly save: (credentials: Credentials) => Effect.Effect<void, Error>
    /** Drops the entry of the account with this id. */
    readonly remove: (accountId: number) => Effect.Effect<void, Error>
    /**
     * Takes the turn to refresh a token, for at most so long, so that of several processes over one store one does it.
     * `false` while another holder has it.
     */
    readonly takeTurn: (holder: string, duration: Duration.DurationInput) => Effect.Effect<boolean, Error>
    /** Gives the turn back, if this holder has it. */
    readonly endTurn: (holder: string) => Effect.Effect<void, Error>
  }
}
