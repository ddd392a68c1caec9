import { CredentialStore, NotSignedIn, PlexJwt, PlexSession } from "@plex-auth/core"
import { Effect, Option } from "effect"

/** The credentials that were stored last, with a token that does not end within a day. */
export const signedIn = Effect.gen(function* () {
  const store = yield* CredentialStore
  const session = yield* PlexSession
  const [credentials] = yield* store.credentials
  if (credentials === undefined) return yield* new NotSignedIn({ operation: "signedIn" })
  const { account, clientIdentifier, token } = credentials
  // A legacy token has no end, and is read without asking anybody.
  return { account, clientIdentifier, token: Option.isSome(PlexJwt.claims(token)) ? yield* session.token : token }
})
