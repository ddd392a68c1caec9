/** Signs you in to Plex, and says what can be done with it. `pnpm cli --help` tells the rest. */
import * as CliApp from "@effect/cli/CliApp"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Span from "@effect/cli/HelpDoc/Span"
import { isValidationError } from "@effect/cli/ValidationError"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { Effect } from "effect"
import { run } from "../command.js"
import { Screen } from "../screen.js"
import { link } from "./link.js"
import { login } from "./login.js"
import { logout } from "./logout.js"
import { exitCodeOf, exitCodes } from "./outcome.js"
import { profiles } from "./profiles.js"
import { servers } from "./servers.js"
import { switchUser } from "./switch.js"
import { token } from "./token.js"
import { whoami } from "./whoami.js"

const footer = HelpDoc.sequence(
  HelpDoc.h1("EXIT CODES"),
  HelpDoc.enumeration(exitCodes.map(([code, meaning]) => HelpDoc.p(`${code}  ${meaning}`)))
)

const cli = Command.make("plex-auth").pipe(
  Command.withDescription("Sign in to Plex from the command line"),
  Command.withSubcommands([login, whoami, token, servers, profiles, switchUser, link, logout]),
  Command.run({ name: "plex-auth", version: "0.1.0", summary: Span.text("sign in to Plex"), footer })
)

await run(
  cli(process.argv).pipe(
    Effect.mapError((error) => isValidationError(error) ? { message: "", exitCode: 2 } : { message: error.message, exitCode: exitCodeOf(error) }),
    Effect.provide([NodeContext.layer, Screen.layer(process.stderr), CliConfig.layer({ showBuiltIns: false })])
  )
)
