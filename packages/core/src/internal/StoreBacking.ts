import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { CredentialStore } from "../CredentialStore.js"

/** One text, and where it lives. */
export interface StoreBacking {
  /** The path or the key, for errors. */
  readonly where: string
  readonly read: Effect.Effect<Option.Option<string>, CredentialStore.Error>
  /** Replaces the text: at each moment it is the old one or the new one. */
  readonly write: (text: string) => Effect.Effect<void, CredentialStore.Error>
  /** Runs an effect that reads and then writes, with nobody else doing so. */
  readonly exclusively: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E | CredentialStore.Error>
}
