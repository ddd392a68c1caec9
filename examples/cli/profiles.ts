import * as Command from "@effect/cli/Command"
import { PlexAuth } from "@plex-auth/core"
import { Effect, Option } from "effect"
import { json, simulate } from "./options.js"
import { printResult } from "./result.js"
import { services } from "./services.js"
import { signedIn } from "./signed-in.js"

export const profiles = Command.make("profiles", { json, simulate }, ({ json, simulate }) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const { account, token } = yield* signedIn
    const users = (yield* plex.homeUsers(token)).map((user) => ({
      name: user.displayName,
      uuid: user.uuid,
      admin: Option.getOrElse(user.admin, () => false),
      protected: Option.getOrElse(user.protected, () => false),
      current: user.id === account.id
    }))
    yield* printResult(
      json,
      users,
      users.map(
        ({ current, name, protected: isProtected }) => `${current ? "*" : " "} ${name}${isProtected ? " (PIN)" : ""}`
      )
    )
  }).pipe(Effect.provide(services(simulate)))
).pipe(Command.withDescription("List the users of the Plex Home"))
