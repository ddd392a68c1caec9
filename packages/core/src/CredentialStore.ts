import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { AccessToken } from "./AccessToken.js"
import { ClientIdentifier } from "./ClientIdentifier.js"
import type { Credentials } from "./Credentials.js"
import type { Pin } from "./Pin.js"
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {}) {}
export class StoreDamaged extends Schema.TaggedError<StoreDamaged>()("StoreDamaged", {}) {}
export class CredentialStore extends Context.Tag("@plex-auth/core/CredentialStore")<
  CredentialStore,
  CredentialStore.Service
>() {
  static readonly layerMemory: Layer.Layer<CredentialStore> = Layer.sync(CredentialStore, () => {
    let pending = Option.none<Pin>()
    let unverified = Option.none<{ readonly token: AccessToken; readonly clientIdentifier: ClientIdentifier }>()
    let credentials: ReadonlyArray<Credentials> = []
    const identifier = Schema.decodeSync(ClientIdentifier)("in-memory")
    const forget = (token: AccessToken) => {
      if (Option.exists(unverified, (stored) => Equal.equals(stored.token, token))) unverified = Option.none()
    }
    return {
      clientIdentifier: Effect.succeed(identifier),
      pending: Effect.sync(() => pending),
      savePending: (pin) => Effect.sync(() => void (pending = Option.some(pin))),
      forgetPending: Effect.sync(() => void (pending = Option.none())),
      unverified: Effect.sync(() => unverified),
      saveToken: (token) =>
        Effect.sync(() => {
          unverified = Option.some(token)
          pending = Option.none()
        }),
      forgetToken: (token) => Effect.sync(() => forget(token)),
      credentials: Effect.sync(() => credentials),
      save: (one) =>
        Effect.sync(() => {
          credentials = [one, ...credentials.filter(({ account }) => account.id !== one.account.id)]
          forget(one.token)
        }),
      remove: (id) => Effect.sync(() => void (credentials = credentials.filter(({ account }) => account.id !== id)))
    }
  })
}
export declare namespace CredentialStore {
  type Error = StoreUnavailable | StoreDamaged
  interface Service {
    readonly clientIdentifier: Effect.Effect<ClientIdentifier, Error>
    readonly pending: Effect.Effect<Option.Option<Pin>, Error>
    readonly savePending: (pin: Pin) => Effect.Effect<void, Error>
    readonly forgetPending: Effect.Effect<void, Error>
    readonly unverified: Effect.Effect<
      Option.Option<{ readonly token: AccessToken; readonly clientIdentifier: ClientIdentifier }>,
      Error
    >
    readonly saveToken: (token: {
      readonly token: AccessToken
      readonly clientIdentifier: ClientIdentifier
    }) => Effect.Effect<void, Error>
    readonly forgetToken: (token: AccessToken) => Effect.Effect<void, Error>
    readonly credentials: Effect.Effect<ReadonlyArray<Credentials>, Error>
    readonly save: (credentials: Credentials) => Effect.Effect<void, Error>
    readonly remove: (accountId: number) => Effect.Effect<void, Error>
  }
}
