/**
 * Whose token it is.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { displayName } from "./internal/displayName.js"
import { lenientBoolean, lenientSecret, lenientString } from "./internal/lenient.js"
import { rules, saying } from "./internal/rules.js"

/**
 * Whose token it is (`GET /user`). Only `id` can make an answer fail to decode; every other field is `None` where Plex
 * left it out, sent null or something of another type. A managed user of a Plex Home has no `username` and no `email`.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { Account } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const account = Schema.decodeUnknownSync(Account)({ id: 7, username: "alice", title: "Alice" })
 * console.log(account.displayName) // "Alice"
 * ```
 */
export class Account extends Schema.Class<Account>("Account")({
  id: Schema.Int.annotations(saying(rules.integer)),
  uuid: lenientString,
  username: lenientString,
  title: lenientString,
  friendlyName: lenientString,
  email: lenientSecret,
  thumb: lenientString,
  home: lenientBoolean,
  restricted: lenientBoolean
}) {
  /**
   * What to call the user: the first of `friendlyName`, `title` and `username` that is not blank, without
   * control characters, which a terminal would obey.
   *
   * @since 0.1.0
   */
  get displayName(): string {
    return Option.getOrElse(displayName(this.friendlyName, this.title, this.username), () => `user ${this.id}`)
  }
}
