import type { Account } from "@plex-auth/core"
import { Console, Option } from "effect"
import type { Effect } from "effect"

/** The result of a command, which alone goes to stdout: JSON, or lines for a person. */
export const printResult = (asJson: boolean, value: unknown, lines: ReadonlyArray<string>): Effect.Effect<void> =>
  asJson ? Console.log(JSON.stringify(value, null, 2)) : Console.log(lines.join("\n"))

/** What may be shown of an account: its e-mail address is the user's own business. */
export const shownAccount = (account: Account) => ({
  id: account.id,
  name: account.displayName,
  username: Option.getOrNull(account.username),
  home: Option.getOrNull(account.home),
  restricted: Option.getOrNull(account.restricted)
})
