import { CredentialStore } from "@plex-auth/core"
import { Effect } from "effect"
import { NotSignedIn } from "./outcome.js"

/** The credentials that were stored last. */
export const signedIn = Effect.gen(function* () {
  const store = yield* CredentialStore
  const [credentials] = yield* store.credentials
  return credentials ?? (yield* new NotSignedIn())
})
