/**
 * What is asked of plex.tv to get the token of a PIN: the seed of this library.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { ClientIdentifier } from "./ClientIdentifier.js"
import { hideInPrint } from "./internal/hideInPrint.js"
import { inOneStep } from "./internal/inOneStep.js"
import { PinId } from "./PinId.js"

/**
 * Asks for the access token of a PIN (`GET /pins/{pinID}`).
 *
 * `pinID` is the id of the PIN. `xPlexClientIdentifier` must be the client identifier that created it; left out, it is
 * that of `PlexClientInfo`. In print the id is hidden: together with the client identifier it is worth the token.
 *
 * `PlexAuth.getToken` takes the plain fields too and decodes them itself, so that bad input is an `InvalidRequest`.
 * The constructor throws on it, as every Schema class does.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { GetTokenRequest } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const request = Schema.decodeUnknownSync(GetTokenRequest)({
 *   pinID: "1272322473",
 *   xPlexClientIdentifier: "Postman"
 * })
 * ```
 */
export class GetTokenRequest extends Schema.Class<GetTokenRequest>("GetTokenRequest")({
  pinID: PinId,
  xPlexClientIdentifier: Schema.optional(ClientIdentifier)
}) {
  static {
    inOneStep(this)
    hideInPrint(this.prototype, "pinID")
  }
}

/**
 * The plain fields of a request for a token.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { GetTokenRequest } from "@plex-auth/core"
 *
 * const fromQuery = (pinID: string): GetTokenRequest.Input => ({ pinID })
 * ```
 */
export declare namespace GetTokenRequest {
  /**
   * The plain fields of a {@link GetTokenRequest}, before they are decoded.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import type { GetTokenRequest } from "@plex-auth/core"
   *
   * const input: GetTokenRequest.Input = { pinID: 1272322473, xPlexClientIdentifier: "Postman" }
   * ```
   */
  export interface Input {
    readonly pinID: string | number
    readonly xPlexClientIdentifier?: string | undefined
  }
}
