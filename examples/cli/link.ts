import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { PlexAuth } from "@plex-auth/core"
import { Console, Effect } from "effect"
import { simulate } from "./options.js"
import { services } from "./services.js"
import { signedIn } from "./signed-in.js"

const code = Args.text({ name: "CODE" }).pipe(Args.withDescription("The four characters that the other device shows"))

export const link = Command.make("link", { code, simulate }, ({ code, simulate }) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const { account, token } = yield* signedIn
    yield* plex.linkPin(token, code)
    yield* Console.log(`The device that shows ${code} is now signed in as ${account.displayName}.`)
  }).pipe(Effect.provide(services(simulate)))
).pipe(
  Command.withDescription("Sign another device in, by the code that it shows. Enter only a code that you asked for")
)
