import * as KeyValueStore from "@effect/platform/KeyValueStore"
import type { PlatformError } from "@effect/platform/Error"
import { AccessToken, DeviceKey, LinkPin, StrongPin } from "@plex-auth/core"
import { Clock, Context, Data, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"

/** 256 random bits, as text for a cookie or a URL. */
export type Secret = Redacted.Redacted

const Secret = Schema.Redacted(Schema.String)

export const randomSecret: Effect.Effect<Secret> = Effect.sync(() =>
  Redacted.make(randomBytes(32).toString("base64url"))
)

/** What came from outside, if it may be a secret of ours at all. */
export const asSecret = (text: string | undefined): Option.Option<Secret> =>
  text !== undefined && /^[\w-]{43}$/.test(text) ? Option.some(Redacted.make(text)) : Option.none()

const hashed = (secret: Secret) => createHash("sha256").update(Redacted.value(secret)).digest()

/** Takes the same time wherever the two differ. */
export const isSameSecret = (one: Secret, other: Secret): boolean => timingSafeEqual(hashed(one), hashed(other))

const signingIn = {
  /** The id that the session goes on under once the user is signed in; until then no browser knows it. */
  nextId: Secret,
  /** Whom the rate limit counts, from one try to the next. */
  visitor: Schema.String,
  /** The key that this sign-in gets its token for. */
  deviceKey: DeviceKey
}

/** The user was sent to the auth app, and is to come back with `state`. */
export class Forwarding extends Schema.TaggedClass<Forwarding>()("Forwarding", {
  ...signingIn,
  pin: StrongPin,
  state: Secret
}) {}

/** The user is to enter a code, on another device perhaps. */
export class Linking extends Schema.TaggedClass<Linking>()("Linking", { ...signingIn, pin: LinkPin }) {}

export class SignedIn extends Schema.TaggedClass<SignedIn>()("SignedIn", {
  token: AccessToken,
  /** What plex.tv calls the user, once it was asked. */
  name: Schema.OptionFromNullOr(Schema.String)
}) {}

const Session = Schema.Union(Forwarding, Linking, SignedIn)

export type Session = typeof Session.Type

/** In plain text a PIN is worth the token, and the token is the token: the store is a place that may hold secrets. */
const Entry = Schema.parseJson(Schema.Struct({ expiresAt: Schema.Number, session: Session }))

const encode = Schema.encode(Entry)

// A PIN lives for half an hour at the most; what is left of the hour, a page says that it has expired.
// A token lives for seven days, and the session with it: nobody is asked to refresh it.
const lifetime = (session: Session) =>
  session._tag === "SignedIn" ? Duration.toMillis("7 days") : Duration.toMillis("1 hour")

/** The store did not answer. What it said is in the log. */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable") {}

/** What the server knows of a browser, under an id that only that browser's cookie carries. */
export class Sessions extends Context.Tag("examples/web/Sessions")<Sessions, Sessions.Service>() {
  /**
   * In any `KeyValueStore`, which several instances may share. Its keys are hashes of the ids, so that nobody takes over a
   * session who gets to read them. An entry that has expired is none, and whoever wrote it removes it.
   */
  static readonly layer: Layer.Layer<Sessions, never, KeyValueStore.KeyValueStore> = Layer.scoped(
    Sessions,
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      const scope = yield* Effect.scope
      const keyOf = (id: Secret) => `session-${hashed(id).toString("hex")}`

      const get = (id: Secret) =>
        Effect.gen(function* () {
          const now = yield* Clock.currentTimeMillis
          const entry = Option.flatMap(yield* store.get(keyOf(id)), Schema.decodeOption(Entry))
          return entry.pipe(
            Option.filter(({ expiresAt }) => now < expiresAt),
            Option.map(({ session }) => session)
          )
        }).pipe(Effect.catchAll(unavailable))

      const remove = (id: Secret) =>
        store.remove(keyOf(id)).pipe(
          // A folder takes it ill when there is nothing to remove.
          Effect.catchIf(
            (error) => error._tag === "SystemError" && error.reason === "NotFound",
            () => Effect.void
          ),
          Effect.catchAll(unavailable)
        )

      const set = (id: Secret, session: Session) =>
        Effect.gen(function* () {
          const expiresAt = (yield* Clock.currentTimeMillis) + lifetime(session)
          // What it would say of itself has the whole session in it.
          const text = yield* Effect.orDieWith(encode({ expiresAt, session }), () => "A session can't be encoded.")
          yield* store.set(keyOf(id), text)
          const removeExpired = Effect.flatMap(get(id), (left) => (Option.isNone(left) ? remove(id) : Effect.void))
          yield* Effect.sleep(lifetime(session)).pipe(
            Effect.zipRight(Effect.ignore(removeExpired)),
            Effect.interruptible,
            Effect.forkIn(scope)
          )
        }).pipe(Effect.catchAll(unavailable))

      return { get, set, remove }
    })
  )
}

const unavailable = (error: PlatformError) => Effect.zipRight(Effect.logWarning(error.message), new StoreUnavailable())

export declare namespace Sessions {
  export interface Service {
    readonly get: (id: Secret) => Effect.Effect<Option.Option<Session>, StoreUnavailable>
    readonly set: (id: Secret, session: Session) => Effect.Effect<void, StoreUnavailable>
    readonly remove: (id: Secret) => Effect.Effect<void, StoreUnavailable>
  }
}
