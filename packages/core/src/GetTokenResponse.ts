/**
 * What plex.tv answers when a PIN is read back.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AccessToken } from "./AccessToken.js"
import { hideInPrint } from "./internal/hideInPrint.js"
import { inOneStep, readBy } from "./internal/inOneStep.js"
import { lenient, lenientBoolean, lenientSecret } from "./internal/lenient.js"
import { pinFields } from "./internal/pinFields.js"
import { rules, saying } from "./internal/rules.js"
import { PinId } from "./PinId.js"
import { PinLocation } from "./PinLocation.js"

const decodeToken = ParseResult.decodeUnknownEither(AccessToken)

// Not yet claimed: null, absent, or an empty string.
const readToken = (token: unknown) =>
  token === "" || token === undefined || token === null
    ? Either.right(Option.none<AccessToken>())
    : Either.map(decodeToken(token), Option.some)

const TokenOrNotYet = Schema.transformOrFail(
  Schema.NullishOr(Schema.String),
  Schema.OptionFromSelf(Schema.typeSchema(AccessToken)),
  {
    strict: true,
    decode: readToken,
    encode: (token) => ParseResult.succeed(Option.getOrNull(Option.map(token, Redacted.value)))
  }
).annotations(saying(rules.token))

const decodeLocation = Schema.decodeUnknownOption(PinLocation)

/**
 * A PIN as plex.tv gives it back (`GET /pins/{pinID}`).
 *
 * `authToken` is `None` until the user has claimed the PIN, and the access token from then on. Only `id` and `authToken`
 * can make an answer fail to decode; every other field is `None` where Plex left it out, sent null or something of
 * another type. `expiresIn` is the time that was left when the answer was sent; `createdAt` and `expiresAt` are on the
 * server's clock, which need not agree with yours. `location` is personal data, and `code`, which `qr` has in it, may be
 * a secret: they are `Redacted`. In print the id is hidden: together with the client identifier it is worth the token.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { GetTokenResponse } from "@plex-auth/core"
 * import { Option, Schema } from "effect"
 *
 * const answer = Schema.decodeUnknownSync(GetTokenResponse)({ id: 1272322473, trusted: "0", authToken: null })
 * console.log(Option.isNone(answer.authToken)) // true: nobody has claimed the PIN yet
 * ```
 */
export class GetTokenResponse extends Schema.Class<GetTokenResponse>("GetTokenResponse")({
  id: PinId,
  code: lenientSecret,
  ...pinFields,
  location: lenient(Schema.Redacted(PinLocation), "object", (actual) =>
    Option.map(decodeLocation(actual), Redacted.make)
  ),
  newRegistration: lenientBoolean,
  authToken: Schema.optionalWith(TokenOrNotYet, {
    exact: true,
    default: () => Option.none<AccessToken>()
  }).annotations(readBy(readToken))
}) {
  static {
    inOneStep(this)
    hideInPrint(this.prototype, "id")
  }
}
