import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { SignIn } from "@plex-auth/core"
import type {
  LinkPin,
  Pin,
  PlexUnavailable,
  InvalidResponse,
  RateLimited,
  SignInEvent,
  StrongPin
} from "@plex-auth/core"
import { Duration, Effect, Option, Ref, Schema } from "effect"
import { Screen } from "../screen.js"
import { copied, opened } from "./desktop.js"
import { json, simulate } from "./options.js"
import { printResult, shownAccount } from "./result.js"
import { qrLines } from "./qr.js"
import { Claimant, forLogin } from "./services.js"

const seconds = Options.integer("timeout").pipe(
  Options.withSchema(
    Schema.Int.pipe(
      Schema.between(1, 86_400),
      Schema.annotations({ message: () => ({ message: "--timeout must be 1 to 86400 seconds", override: true }) })
    )
  ),
  Options.withPseudoName("seconds"),
  Options.withDescription("Give up after so many seconds; --resume goes on with the same PIN"),
  Options.map(Duration.seconds),
  Options.optional
)

const options = {
  link: Options.boolean("link").pipe(
    Options.withDescription("Show a code to enter at plex.tv/link on any device, instead of a page to open on this one")
  ),
  jwt: Options.boolean("jwt").pipe(
    Options.withDescription("Get a token for a key of this device: it lives for seven days, and is refreshed as needed")
  ),
  product: Options.text("product").pipe(
    Options.withDescription("The name of the app that asks, as the user is to see it"),
    Options.withDefault("plex-auth")
  ),
  noBrowser: Options.boolean("no-browser").pipe(Options.withDescription("Don't open the browser")),
  noQr: Options.boolean("no-qr").pipe(Options.withDescription("Don't draw a QR code")),
  timeout: seconds,
  resume: Options.boolean("resume").pipe(Options.withDescription("Go on with the PIN of a login that was interrupted")),
  json,
  simulate
}

/** What the last line says: what is going on, and how much time is left. */
const status = (pin: Pin, trouble: Option.Option<string>) =>
  Effect.map(SignIn.timeLeft(pin), (left) => {
    const seconds = Math.ceil(Duration.toSeconds(left))
    const clock = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`
    return `${clock} left. ${Option.getOrElse(trouble, () => "Waiting for you.")}`
  })

/** Trouble in as few words as a line has room for. */
const inShort = (trouble: RateLimited | PlexUnavailable | InvalidResponse): string => {
  switch (trouble._tag) {
    case "RateLimited":
      return "plex.tv asks for patience."
    case "PlexUnavailable":
      return `No plex.tv: ${trouble.detail ?? trouble.reason}.`
    case "InvalidResponse":
      return "Not plex.tv that answers."
  }
}

export const login = Command.make(
  "login",
  options,
  ({ json, jwt, link, noBrowser, noQr, product, resume, simulate, timeout }) =>
    Effect.gen(function* () {
      const screen = yield* Screen
      const shown = yield* Ref.make(false)
      const claimant = yield* Claimant
      const trouble = yield* Ref.make(Option.none<string>())

      const waits = (pin: Pin) =>
        Ref.set(shown, true).pipe(
          Effect.zipRight(screen.keepShowing(Effect.flatMap(Ref.get(trouble), (text) => status(pin, text)))),
          Effect.zipRight(claimant.claims(pin))
        )

      // In a file or a pipe nobody holds a camera to it.
      const qr = (page: string) => {
        const lines = noQr || !screen.isTerminal ? [] : qrLines(page, screen.columns())
        return lines.length === 0 ? [] : ["", ...lines.map((line) => `    ${screen.onPaper(line)}`)]
      }

      const showCode = (pin: LinkPin) =>
        Effect.gen(function* () {
          const page = yield* claimant.page(pin)
          yield* screen.print("", `  ${screen.strong(product)} wants to sign in to Plex. Its code is`, "")
          yield* screen.print(...screen.large(pin.code), "")
          yield* screen.print(
            `  Open ${screen.strong(page)}`,
            `  and enter ${screen.strong(pin.code)}.`,
            ...qr(page),
            ""
          )
          if (screen.isTerminal && (yield* copied(pin.code))) yield* screen.print("  The code is on the clipboard.")
          yield* waits(pin)
        })

      const showPage = (pin: StrongPin) =>
        Effect.gen(function* () {
          const page = yield* claimant.page(pin)
          yield* screen.print(
            "",
            `  ${screen.strong(product)} wants to sign in to Plex. Open`,
            "",
            `  ${page}`,
            ...qr(page),
            ""
          )
          if (screen.isTerminal && !noBrowser && (yield* opened(page)))
            yield* screen.print("  It opens in your browser.")
          yield* waits(pin)
        })

      /** On a terminal the last line tells of trouble; elsewhere each change is a line of its own. */
      const onEvent = (event: SignInEvent) =>
        Effect.gen(function* () {
          if (event._tag === "Replaced") return yield* screen.print("  It has expired. Here is a new one.")
          if (event._tag !== "Waiting" && event._tag !== "SlowedDown" && event._tag !== "Retrying") return
          const now = event._tag === "Waiting" ? Option.none() : Option.some(inShort(event.trouble))
          const before = yield* Ref.getAndSet(trouble, now)
          if (screen.isTerminal || Option.getOrNull(before) === Option.getOrNull(now)) return
          yield* screen.print(`  ${Option.getOrElse(now, () => "plex.tv answers again.")}`)
        })

      const how = {
        jwt,
        resume,
        onEvent,
        within: Option.getOrUndefined(timeout)
      }
      const signIn = link
        ? SignIn.run({ ...how, show: showCode })
        : SignIn.run({ ...how, strong: true, show: showPage })
      const { account } = yield* signIn.pipe(
        Effect.onInterrupt(() =>
          Effect.flatMap(Ref.get(shown), (wasShown) => {
            const again = ["login", ...(link ? ["--link"] : []), ...(jwt ? ["--jwt"] : []), "--resume"].join(" ")
            return simulate || !wasShown
              ? Effect.void
              : screen.print("", `  Interrupted. ${again} goes on with this PIN.`)
          })
        )
      )
      yield* screen.print("", `  Signed in as ${screen.strong(account.displayName)}.`)
      if (json) yield* printResult(json, shownAccount(account), [])
    }).pipe(Effect.provide(forLogin({ product, simulate })))
).pipe(Command.withDescription("Sign in to Plex"))
