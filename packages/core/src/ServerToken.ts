/**
 * The token of one server.
 *
 * @since 0.1.0
 */
import { redactedToken } from "./internal/redactedToken.js"

/**
 * A token for one Plex Media Server, kept in a `Redacted`. It is no `AccessToken`: the types forbid using one for the
 * other. Encoding gives the plain string: encode only into a place that may hold a secret.
 *
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { ServerToken } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.decodeSync(ServerToken)("xxxxxxxxxxxxxxxxxxxx")) // <redacted>
 * ```
 */
export const ServerToken = redactedToken("@plex-auth/core/ServerToken").annotations({
  identifier: "ServerToken",
  description: "The token of one server (X-Plex-Token)"
})

/**
 * The type of the {@link ServerToken} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { ServerToken } from "@plex-auth/core"
 * import { Redacted } from "effect"
 *
 * const headers = (token: ServerToken) => ({ "X-Plex-Token": Redacted.value(token) })
 * ```
 */
export type ServerToken = typeof ServerToken.Type
