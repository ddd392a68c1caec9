/**
 * A user of a Plex Home.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { displayName } from "./internal/displayName.js"
import { lenientBoolean, lenientString } from "./internal/lenient.js"
import { lenientArray } from "./internal/lenientArray.js"
import { rules, saying } from "./internal/rules.js"

/**
 * A user of a Plex Home. `id` and `uuid` are needed, and what can't be read of the rest is `None`; `protected` says whether
 * a PIN is asked for.
 *
 * @see https://developer.plex.tv/pms/
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import type { HomeUser } from "@plex-auth/core"
 * import { Option } from "effect"
 *
 * const asksForPin = (user: HomeUser): boolean => Option.contains(user.protected, true)
 * ```
 */
export class HomeUser extends Schema.Class<HomeUser>("HomeUser")({
  id: Schema.Int.annotations(saying(rules.integer)),
  uuid: Schema.String.pipe(Schema.pattern(/^[0-9A-Za-z-]{1,64}$/)).annotations(saying(rules.uuid)),
  title: lenientString,
  username: lenientString,
  thumb: lenientString,
  hasPassword: lenientBoolean,
  protected: lenientBoolean,
  restricted: lenientBoolean,
  admin: lenientBoolean,
  guest: lenientBoolean
}) {
  /**
   * What to call the user: the first of `title` and `username` that is not blank, without control characters.
   *
   * @since 0.1.0
   */
  get displayName(): string {
    return Option.getOrElse(displayName(this.title, this.username), () => `user ${this.id}`)
  }
}

/**
 * The answer with all users of a Plex Home. One that can't be read is left out.
 *
 * @see https://developer.plex.tv/pms/
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { HomeUsers } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const { users } = Schema.decodeSync(HomeUsers)({ users: [{ id: 1, uuid: "a1", title: "Alice" }, null] })
 * console.log(users.length) // 1
 * ```
 */
export const HomeUsers = Schema.Struct({ users: lenientArray(HomeUser) }).annotations({ identifier: "HomeUsers" })
