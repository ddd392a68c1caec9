/**
 * What is asked of plex.tv to get a PIN.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ClientIdentifier } from "./ClientIdentifier.js"
import { rules, saying } from "./internal/rules.js"
import { PublicJwk } from "./PublicJwk.js"

/**
 * Asks plex.tv for a new PIN (`POST /pins`).
 *
 * - `strong`: `false` (the default) gives a link PIN, four characters for a person to type at https://plex.tv/link;
 *   `true` gives a strong PIN, a long code for the auth app URL alone.
 * - `xPlexProduct`: the name of the app that the user is shown; left out, it is that of `PlexClientInfo`.
 * - `xPlexClientIdentifier`: the client identifier that the PIN will belong to; left out, it is that of `PlexClientInfo`.
 * - `jwk`: the public half of the device's key, when the token is to be one that lives for seven days. It is registered when
 *   the PIN is claimed, and each look at the PIN has to be signed with the key.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { CreatePinRequest } from "@plex-auth/core"
 *
 * const request = new CreatePinRequest({ strong: true })
 * ```
 */
export class CreatePinRequest extends Schema.Class<CreatePinRequest>("CreatePinRequest")({
  strong: Schema.optionalWith(
    Schema.Boolean.annotations({
      description: "Whether to make a long code for the auth app, not four characters for plex.tv/link",
      ...saying(rules.boolean)
    }),
    { default: () => false }
  ),
  xPlexProduct: Schema.optional(
    Schema.String.pipe(
      Schema.pattern(/[^\s\p{Cc}]/u),
      Schema.maxLength(255),
      Schema.annotations({
        description: "The name of the app, shown to the user",
        examples: ["My Cool App"],
        ...saying(rules.name)
      })
    )
  ),
  xPlexClientIdentifier: Schema.optional(ClientIdentifier),
  jwk: Schema.optional(PublicJwk)
}) {}

/**
 * The plain fields of a request for a PIN.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { CreatePinRequest } from "@plex-auth/core"
 *
 * const forTv: CreatePinRequest.Input = { strong: false, xPlexProduct: "My Cool TV App" }
 * ```
 */
export declare namespace CreatePinRequest {
  /**
   * The plain fields of a {@link CreatePinRequest}, before they are decoded.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import type { CreatePinRequest } from "@plex-auth/core"
   *
   * const input: CreatePinRequest.Input = { strong: true }
   * ```
   */
  export interface Input {
    readonly strong?: boolean | undefined
    readonly xPlexProduct?: string | undefined
    readonly xPlexClientIdentifier?: string | undefined
    readonly jwk?: PublicJwk | undefined
  }
}
