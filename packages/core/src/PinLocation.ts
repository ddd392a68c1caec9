/**
 * Where plex.tv believes the user to be.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { inOneStep } from "./internal/inOneStep.js"
import { lenient, lenientBoolean, lenientString } from "./internal/lenient.js"

/**
 * Where plex.tv believes the device that created a PIN to be, from its address on the network. This is personal data:
 * a {@link GetTokenResponse} has it `Redacted`. Each member is `None` when Plex left it out or sent something else.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { PinLocation } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const location = Schema.decodeUnknownSync(PinLocation)({ country: "United States", postal_code: 78732 })
 * console.log(location.postal_code) // { _id: 'Option', _tag: 'Some', value: '78732' }
 * ```
 */
export class PinLocation extends Schema.Class<PinLocation>("PinLocation")({
  code: lenientString,
  european_union_member: lenientBoolean,
  continent_code: lenientString,
  country: lenientString,
  city: lenientString,
  time_zone: lenientString,
  postal_code: lenient(Schema.String, "string", (actual) =>
    typeof actual === "string" || typeof actual === "number" ? Option.some(String(actual)) : Option.none()
  ),
  in_privacy_restricted_country: lenientBoolean,
  in_privacy_restricted_region: lenientBoolean,
  subdivisions: lenientString,
  coordinates: lenientString
}) {
  static {
    inOneStep(this)
  }
}
