import * as Command from "@effect/cli/Command"
import { CredentialStore, PlexAuth } from "@plex-auth/core"
import { Console, Effect } from "effect"
import { simulate } from "./options.js"
import { services } from "./services.js"
import { signedIn } from "./signed-in.js"

export const logout = Command.make("logout", { simulate }, ({ simulate }) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const store = yield* CredentialStore
    const { account, token } = yield* signedIn
    // A token that plex.tv knows no more has been signed out already.
    yield* plex.signOut(token).pipe(Effect.catchTag("Unauthorized", "TokenExpired", () => Effect.void))
    yield* store.remove(account.id)
    yield* Console.log(`${account.displayName} is signed out.`)
  }).pipe(Effect.provide(services(simulate)))
).pipe(Command.withDescription("End the token at plex.tv, and forget it"))
