import * as Command from "@effect/cli/Command"
import { PlexSession } from "@plex-auth/core"
import { DateTime, Effect, Option } from "effect"
import { json, simulate } from "./options.js"
import { printResult, shownAccount } from "./result.js"
import { services } from "./services.js"

/** How long a token is good for, in words. */
export const untilWhen = ({ expiresAt }: PlexSession.Status): string =>
  Option.match(expiresAt, {
    onNone: () => "valid until somebody ends it",
    onSome: (time) => `valid until ${DateTime.formatLocal(time, { dateStyle: "full", timeStyle: "short" })}`
  })

export const shownStatus = (status: PlexSession.Status) => ({
  account: shownAccount(status.account),
  kind: status.kind,
  expiresAt: Option.getOrNull(Option.map(status.expiresAt, DateTime.formatIso))
})

export const status = Command.make("status", { json, simulate }, ({ json, simulate }) =>
  Effect.gen(function* () {
    const session = yield* PlexSession
    const now = yield* session.status
    const kind = now.kind === "jwt" ? "a token for this device's key" : "a legacy token"
    yield* printResult(json, shownStatus(now), [`${now.account.displayName}: ${kind}, ${untilWhen(now)}.`])
  }).pipe(Effect.provide(services(simulate)))
).pipe(Command.withDescription("Say who is signed in and until when, without asking plex.tv"))
