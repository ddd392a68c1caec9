import { SignIn } from "@plex-auth/core"
import type { LinkPin } from "@plex-auth/core"
import { Duration, Effect, Schema } from "effect"
import { Claimant, live, product, simulated } from "./claimant.js"
import { Failed, Flag, Port, readOptions, run, Seconds } from "./command.js"
import { Screen } from "./screen.js"

const help = `Signs a user in to Plex: creates a PIN, shows it, waits until it is claimed, and says whose
token that gave. Plex and the user are simulated on this machine, unless you say --live.

Usage: pnpm demo [options]

  --claim-after <seconds>  when the simulated user claims the PIN, 0 to 600 (default: 4)
  --port <port>            where the simulated plex.tv listens (default: a free port)
  --live                   sign in at https://plex.tv, with you as the user
  --help                   show this

With --live, PLEX_CLIENT_IDENTIFIER says what plex.tv is to know this installation by (default:
a new one each time), and PLEX_BASE_URL where its API is (default: https://plex.tv/api/v2).

Exit codes: 0 signed in, or nobody reads the output any more; 1 it failed, and stderr says why
(no network, the PIN expired, the port is taken); 2 wrong arguments; 130 Ctrl-C; 143 SIGTERM.`

const Options = Schema.Struct({
  help: Schema.optionalWith(Flag, { exact: true }),
  live: Schema.optionalWith(Flag, { exact: true }),
  port: Schema.optionalWith(Port, { exact: true }),
  "claim-after": Schema.optionalWith(Seconds, { exact: true })
})

const countdown = (pin: LinkPin) =>
  Effect.map(SignIn.timeLeft(pin), (left) => {
    const seconds = Math.ceil(Duration.toSeconds(left))
    const minutes = String(Math.floor(seconds / 60)).padStart(2, "0")
    return `  ${minutes}:${String(seconds % 60).padStart(2, "0")} left. Waiting for the claim.`
  })

/** What the user sees, until the PIN is claimed or gone. */
const show = (pin: LinkPin) =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const claimant = yield* Claimant
    yield* screen.print("", `  ${screen.strong(product)} wants to sign in to Plex. Its code is`, "")
    yield* screen.print(...screen.large(pin.code), "")
    yield* screen.print(`  Open ${screen.strong(claimant.page(pin))}`, `  and enter ${screen.strong(pin.code)}.`, "")
    yield* screen.keepShowing(countdown(pin))
    yield* claimant.claims(pin)
  })

const demo = Effect.gen(function* () {
  const screen = yield* Screen
  const claimant = yield* Claimant
  yield* screen.print(screen.faint(claimant.introduction))
  const { account } = yield* SignIn.run({ show })
  yield* screen.print(
    "",
    `  Signed in as ${screen.strong(account.displayName)}. The app has the access token, and keeps it to itself.`,
    "",
    screen.faint(yield* claimant.epilogue)
  )
})

const main = Effect.gen(function* () {
  const options = yield* readOptions(
    process.argv.slice(2),
    {
      help: { type: "boolean", short: "h" },
      live: { type: "boolean" },
      port: { type: "string" },
      "claim-after": { type: "string" }
    },
    Options
  )
  const { "claim-after": claimAfter, port } = options
  if (options.help === true) return yield* Effect.flatMap(Screen, ({ print }) => print(help))
  if (options.live !== true) {
    return yield* Effect.provide(demo, simulated({ port: port ?? 0, claimAfter: claimAfter ?? 4 }))
  }
  if (port !== undefined || claimAfter !== undefined) {
    return yield* new Failed({
      message: "--port and --claim-after are for the simulation, not for --live. Try --help.",
      exitCode: 2
    })
  }
  yield* Effect.provide(demo, live)
})

await run(Effect.provide(main, Screen.layer()))
