import { CredentialStore, PlexSession } from "@plex-auth/core"
import { Effect } from "effect"

/** The credentials that were stored last, with a token that does not end within a day. */
export const signedIn = Effect.gen(function* () {
  const store = yield* CredentialStore
  const session = yield* PlexSession
  const { kind } = yield* session.status
  // A legacy token has no end, and is read without asking anybody.
  if (kind === "jwt") yield* session.token
  const [credentials] = yield* store.credentials
  return credentials ?? (yield* Effect.dieMessage("The session's credentials are those of the store."))
})
