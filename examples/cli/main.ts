/** Signs you in to Plex, and does what the token is good for. `--help` tells the rest. */
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Span from "@effect/cli/HelpDoc/Span"
import { isValidationError } from "@effect/cli/ValidationError"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { isQuitException } from "@effect/platform/Terminal"
import { Effect } from "effect"
import type { WriteStream } from "node:tty"
import { stripVTControlCharacters } from "node:util"
import { run } from "../command.js"
import { Screen } from "../screen.js"
import { link } from "./link.js"
import { login } from "./login.js"
import { logout } from "./logout.js"
import { exitCodeOf, exitCodes, messageOf } from "./outcome.js"
import { profiles } from "./profiles.js"
import { refresh } from "./refresh.js"
import { servers } from "./servers.js"
import { status } from "./status.js"
import { switchUser } from "./switch.js"
import { token } from "./token.js"
import { whoami } from "./whoami.js"

const footer = HelpDoc.sequence(
  HelpDoc.h1("EXIT CODES"),
  HelpDoc.p(exitCodes.map(([code, meaning]) => `${String(code).padStart(5)}  ${meaning}`).join("\n"))
)

const cli = Command.make("plex-auth").pipe(
  Command.withDescription("Sign in to Plex from the command line"),
  Command.withSubcommands([login, status, whoami, token, refresh, servers, profiles, switchUser, link, logout]),
  Command.run({ name: "plex-auth", version: "0.1.0", summary: Span.text("sign in to Plex"), footer })
)

const stripped = (args: ReadonlyArray<unknown>) =>
  args.map((arg) => (typeof arg === "string" ? stripVTControlCharacters(arg) : arg))

/** What is printed to a stream, in colour where it has them. */
const fit = (out: WriteStream) => (args: ReadonlyArray<unknown>) =>
  out.isTTY && out.hasColors() ? args : stripped(args)

/** The library's help is in colour always. */
const fitting = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.consoleWith((console) =>
    Effect.withConsole(effect, {
      ...console,
      log: (...args) => console.log(...fit(process.stdout)(args)),
      error: (...args) => console.error(...fit(process.stderr)(args))
    })
  )

await run(
  cli(process.argv).pipe(
    // The library has told of wrong arguments itself.
    Effect.catchIf(isValidationError, () => Effect.fail({ message: "", exitCode: 2 })),
    // Ctrl-C at a prompt.
    Effect.catchIf(isQuitException, () => Effect.fail({ message: "", exitCode: 130 })),
    Effect.mapError((error) => ("_tag" in error ? { message: messageOf(error), exitCode: exitCodeOf(error) } : error)),
    fitting,
    Effect.provide([NodeContext.layer, Screen.layer(process.stderr)])
  )
)
