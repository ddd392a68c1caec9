/**
 * What a device proves itself with.
 *
 * @since 0.1.0
 */
import { redactedToken } from "./internal/redactedToken.js"

/**
 * A JWT that a device signed with its key, in a `Redacted`. It lives for five minutes, and in that time it is worth a
 * token.
 *
 * `SignIn` and `PlexSession` make it where it is needed.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { DeviceJwt, PlexAuth } from "@plex-auth/core"
 * import { Effect, Schema } from "effect"
 *
 * const exchange = (jwt: string) =>
 *   Effect.flatMap(Schema.decode(DeviceJwt)(jwt), (deviceJwt) =>
 *     Effect.flatMap(PlexAuth, (plex) => plex.exchangeJwt(deviceJwt))
 *   )
 * ```
 */
export const DeviceJwt = redactedToken("@plex-auth/core/DeviceJwt").annotations({
  identifier: "DeviceJwt",
  description: "A JWT that a device signed with its key"
})

/**
 * The type of the {@link DeviceJwt} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { DeviceJwt, PlexAuth } from "@plex-auth/core"
 *
 * const look = (plex: PlexAuth.Service, pinID: string, deviceJwt: DeviceJwt) => plex.getToken({ pinID }, deviceJwt)
 * ```
 */
export type DeviceJwt = typeof DeviceJwt.Type
