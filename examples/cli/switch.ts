import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Prompt from "@effect/cli/Prompt"
import { Account, Credentials, CredentialStore, PlexAuth } from "@plex-auth/core"
import { Config, Console, Effect, Option } from "effect"
import { simulate } from "./options.js"
import { Refused } from "./outcome.js"
import { services } from "./services.js"
import { signedIn } from "./signed-in.js"

const name = Args.text({ name: "NAME" }).pipe(Args.withDescription("The user, as `profiles` lists it"))

/** Not an option, since everybody on the machine can read what a command was started with. */
const homePin = Config.redacted("PLEX_HOME_PIN").pipe(
  Effect.catchAll(() => Prompt.run(Prompt.password({ message: "PIN of the user" })))
)

export const switchUser = Command.make("switch", { name, simulate }, ({ name, simulate }) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const store = yield* CredentialStore
    const { clientIdentifier, token } = yield* signedIn
    const users = yield* plex.homeUsers(token)
    const user = users.find(({ displayName }) => displayName.toLowerCase() === name.toLowerCase())
    if (user === undefined) {
      return yield* new Refused({
        message: `The Plex Home has no user ${name}. There are: ${users.map(({ displayName }) => displayName).join(", ")}.`
      })
    }
    const isProtected = Option.getOrElse(user.protected, () => false)
    const switched = yield* plex.switchUser(token, {
      uuid: user.uuid,
      ...(isProtected ? { pin: yield* homePin } : {})
    })
    yield* store.save(new Credentials({ token: switched.authToken, account: new Account(switched), clientIdentifier }))
    yield* Console.log(`Signed in as ${switched.displayName}.`)
  }).pipe(Effect.provide(services(simulate)))
).pipe(
  Command.withDescription("Go on as another user of the Plex Home; asks for the PIN, or takes it from PLEX_HOME_PIN")
)
