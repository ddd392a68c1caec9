/**
 * The name that one installation of an app has with Plex.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { rules, saying } from "./internal/rules.js"

/**
 * Identifies one installation of an app to Plex (`X-Plex-Client-Identifier`): 1 to 255 visible ASCII characters,
 * made once, stored and reused. A random UUID serves well.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/X-Plex-Headers
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { ClientIdentifier } from "@plex-auth/core"
 *
 * const id: ClientIdentifier = ClientIdentifier.make(crypto.randomUUID())
 * ```
 */
export const ClientIdentifier = Schema.String.pipe(
  Schema.pattern(/^[\x21-\x7e]{1,255}$/, {
    identifier: "ClientIdentifier",
    description:
      "The unique identifier for the client application. This is used to track the client application and its usage " +
      "(UUID, serial number, or other number unique per device)",
    examples: ["Postman"],
    ...saying(rules.clientIdentifier)
  }),
  Schema.brand("@plex-auth/core/ClientIdentifier")
)

/**
 * The type of the {@link ClientIdentifier} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { ClientIdentifier } from "@plex-auth/core"
 *
 * const header = (id: ClientIdentifier) => ({ "X-Plex-Client-Identifier": id })
 * ```
 */
export type ClientIdentifier = typeof ClientIdentifier.Type
