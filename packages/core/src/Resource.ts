/**
 * A device of the user's account, such as a server.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ClientIdentifier } from "./ClientIdentifier.js"
import { lenient, lenientBoolean, lenientString } from "./internal/lenient.js"
import { lenientArray, lenientList } from "./internal/lenientArray.js"
import { ServerConnection } from "./ServerConnection.js"
import { ServerToken } from "./ServerToken.js"

/**
 * A device that the user's account knows: a server, a player, an app. Only its client identifier is needed; what can't be
 * read is `None`, and a connection that can't be read is left out.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Getting-Server-Information
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { PlexAuth } from "@plex-auth/core"
 * import type { AccessToken } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const servers = (token: AccessToken) =>
 *   PlexAuth.pipe(
 *     Effect.flatMap((plex) => plex.resources(token)),
 *     Effect.map((resources) => resources.filter(({ isServer }) => isServer))
 *   )
 * ```
 */
export class Resource extends Schema.Class<Resource>("Resource")({
  clientIdentifier: ClientIdentifier,
  name: lenientString,
  product: lenientString,
  productVersion: lenientString,
  platform: lenientString,
  provides: lenientString,
  owned: lenientBoolean,
  accessToken: lenient(ServerToken, "string"),
  publicAddressMatches: lenientBoolean,
  presence: lenientBoolean,
  httpsRequired: lenientBoolean,
  relay: lenientBoolean,
  connections: lenientList(ServerConnection)
}) {
  /**
   * Whether it is a server: `provides` is a list of names, parted by commas.
   *
   * @since 0.1.0
   */
  get isServer(): boolean {
    return Option.exists(this.provides, (names) => names.split(",").some((name) => name.trim() === "server"))
  }
}

/**
 * The answer with all devices of an account. One that can't be read is left out.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Getting-Server-Information
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { Resources } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * console.log(Schema.decodeSync(Resources)([{ clientIdentifier: "a-server" }, "nonsense"]).length) // 1
 * ```
 */
export const Resources = lenientArray(Resource).annotations({ identifier: "Resources" })
