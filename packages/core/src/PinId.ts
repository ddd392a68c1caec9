/**
 * The id that plex.tv gives to a PIN.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { rules, saying } from "./internal/rules.js"

/**
 * The id of a PIN: 1 to 20 decimal digits. Plex sends it as a JSON number or as a string; both decode.
 *
 * Whoever knows a PIN's id and the client identifier that created it can read the token, so treat the pair as a
 * secret until the PIN is gone.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { PinId } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const id: PinId = Schema.decodeUnknownSync(PinId)(1272322473)
 * console.log(id) // "1272322473"
 * ```
 */
export const PinId = Schema.String.pipe(
  Schema.pattern(/^[0-9]{1,20}$/, {
    identifier: "PinId",
    description: "The PinID to retrieve an access token for",
    ...saying(rules.pinId),
    decodingFallback: (issue) =>
      typeof issue.actual === "number" && Number.isSafeInteger(issue.actual) && issue.actual >= 0
        ? Either.right(String(issue.actual))
        : Either.left(issue)
  }),
  Schema.brand("@plex-auth/core/PinId")
)

/**
 * The type of the {@link PinId} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { PinId } from "@plex-auth/core"
 *
 * const path = (id: PinId): string => `/pins/${id}`
 * ```
 */
export type PinId = typeof PinId.Type
