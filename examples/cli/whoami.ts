import * as Command from "@effect/cli/Command"
import { PlexAuth } from "@plex-auth/core"
import { Effect } from "effect"
import { json, simulate } from "./options.js"
import { printResult, shownAccount } from "./result.js"
import { services } from "./services.js"
import { signedIn } from "./signed-in.js"

export const whoami = Command.make("whoami", { json, simulate }, ({ json, simulate }) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const { token } = yield* signedIn
    const account = yield* plex.account(token)
    yield* printResult(json, shownAccount(account), [account.displayName])
  }).pipe(Effect.provide(services(simulate)))
).pipe(Command.withDescription("Ask plex.tv whose token it is, and whether it is still valid"))
