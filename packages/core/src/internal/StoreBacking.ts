import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { CredentialStore } from "../CredentialStore.js"

/** One text, and where it lives. */
export interface StoreBacking {
  /** The path or the key, for errors. */
  readonly where: string
  readonly read: Effect.Effect<Option.Option<string>, CredentialStore.Error>
  /**
   * Runs what reads the text and then replaces it, while nobody else does. At each moment the text is the old one or the
   * new one.
   */
  readonly exclusively: <A, E>(
    use: (write: (text: string) => Effect.Effect<void, CredentialStore.Error>) => Effect.Effect<A, E>
  ) => Effect.Effect<A, E | CredentialStore.Error>
}
