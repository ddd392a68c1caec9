import * as Command from "@effect/cli/Command"
import { PlexSession } from "@plex-auth/core"
import { Effect } from "effect"
import { json, simulate } from "./options.js"
import { Refused } from "./outcome.js"
import { printResult } from "./result.js"
import { services } from "./services.js"
import { shownStatus, untilWhen } from "./status.js"

export const refresh = Command.make("refresh", { json, simulate }, ({ json, simulate }) =>
  Effect.gen(function* () {
    const session = yield* PlexSession
    const before = yield* session.status
    if (before.kind === "legacy") {
      return yield* new Refused({
        message: "The token has no end, and can't be refreshed. login --jwt gets one that lives for seven days."
      })
    }
    yield* session.refresh()
    const status = yield* session.status
    yield* printResult(json, shownStatus(status), [`Refreshed: ${untilWhen(status)}.`])
  }).pipe(Effect.provide(services(simulate)))
).pipe(Command.withDescription("Get a new token in place of one that was issued for this device's key"))
