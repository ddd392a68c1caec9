/**
 * The access token that a sign-in is for.
 *
 * @since 0.1.0
 */
import { redactedToken } from "./internal/redactedToken.js"

/**
 * A Plex user's access token (`X-Plex-Token`), kept in a `Redacted`: it does not show in logs, errors, JSON or
 * `console.log`. Take it out with `Redacted.value` where it is sent, and only there.
 *
 * Decodes from a string of characters that may stand in a header. A string that is none does not decode, and the
 * error does not quote it. Encoding gives the plain string: encode only into a place that may hold a secret.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { AccessToken } from "@plex-auth/core"
 * import { Redacted, Schema } from "effect"
 *
 * const token: AccessToken = Schema.decodeSync(AccessToken)("xxxxxxxxxxxxxxxxxxxx")
 * console.log(token) // <redacted>
 * const headers = { "X-Plex-Token": Redacted.value(token) }
 * ```
 */
export const AccessToken = redactedToken("@plex-auth/core/AccessToken").annotations({
  identifier: "AccessToken",
  description: "The user's access token (X-Plex-Token)"
})

/**
 * The type of the {@link AccessToken} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { AccessToken } from "@plex-auth/core"
 * import { Redacted } from "effect"
 *
 * const headers = (token: AccessToken) => ({ "X-Plex-Token": Redacted.value(token) })
 * ```
 */
export type AccessToken = typeof AccessToken.Type
