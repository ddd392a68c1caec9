/**
 * The answer to a switch to another user of a Plex Home.
 *
 * @since 0.1.0
 */
import { AccessToken } from "./AccessToken.js"
import { Account } from "./Account.js"

/**
 * The account of the user of a Plex Home who was switched to, and the token that is that user's own.
 *
 * @see https://developer.plex.tv/pms/
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { SwitchUserResponse } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const answer = Schema.decodeSync(SwitchUserResponse)({ id: 2, title: "Kid", authToken: "xxxxxxxxxxxxxxxxxxxx" })
 * console.log(answer.displayName, answer.authToken) // Kid <redacted>
 * ```
 */
export class SwitchUserResponse extends Account.extend<SwitchUserResponse>("SwitchUserResponse")({
  authToken: AccessToken
}) {}
