/**
 * What plex.tv answers when a PIN is created.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { hideInPrint } from "./internal/hideInPrint.js"
import { pinFields } from "./internal/pinFields.js"
import { rules, saying } from "./internal/rules.js"
import { PinId } from "./PinId.js"

/**
 * A PIN as plex.tv gives it out (`POST /pins`). Only `id` and `code` can make an answer fail to decode. A program
 * works with the `Pin` that `PlexAuth.createPin` makes of it.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { CreatePinResponse } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const answer = Schema.decodeUnknownSync(CreatePinResponse)({ id: 1272322473, code: "AB12", expiresIn: 900 })
 * console.log(answer.code) // <redacted>
 * ```
 */
export class CreatePinResponse extends Schema.Class<CreatePinResponse>("CreatePinResponse")({
  id: PinId,
  code: Schema.Redacted(Schema.String.pipe(Schema.pattern(/^[\x21-\x7e]{1,255}$/, saying(rules.code)))),
  ...pinFields
}) {
  static {
    hideInPrint(this.prototype, "id")
  }
}
