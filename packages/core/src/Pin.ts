/**
 * PINs, by which Plex hands out tokens: the app creates one, the user claims it, the app reads the token.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ClientIdentifier } from "./ClientIdentifier.js"
import { hideInPrint } from "./internal/hideInPrint.js"
import { PinId } from "./PinId.js"
import { Thumbprint } from "./Thumbprint.js"

const optionally = <A, I>(schema: Schema.Schema<A, I>) =>
  Schema.optionalWith(schema, { as: "Option" }).pipe(Schema.withConstructorDefault(() => Option.none<A>()))

const fields = {
  id: PinId,
  clientIdentifier: ClientIdentifier,
  product: optionally(Schema.String),
  trusted: optionally(Schema.Boolean),
  createdAt: optionally(Schema.DateTimeUtc),
  expiresAt: optionally(Schema.DateTimeUtc),
  expiresIn: Schema.DurationFromMillis,
  receivedAt: Schema.DateTimeUtcFromNumber,
  thumbprint: optionally(Thumbprint)
}

/**
 * A PIN for a person to type at https://plex.tv/link.
 *
 * - `id` and `clientIdentifier` together are worth the token once the PIN is claimed. In print the id is hidden.
 * - `code`: four characters, to be shown to the user.
 * - `qr`: the URL of a picture with a QR code that leads to the link page, where Plex sent one.
 * - `expiresIn`: how long the PIN lives, counted from `receivedAt`, the moment at which the answer arrived here. A
 *   lifetime that Plex left out is 15 minutes; one that makes no sense is brought within an hour.
 * - `createdAt`, `expiresAt`: by the clock of plex.tv, which need not agree with yours.
 * - `thumbprint`: that of the device's key, where the PIN was created with one. Each look at it is signed with that key.
 *
 * A PIN encodes to a plain value, so that a program can store a sign-in that is under way and go on with it later. The
 * value has the id in it: store it where secrets may be.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { LinkPin } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const Stored = Schema.parseJson(LinkPin)
 * const stored = (pin: LinkPin): string => Schema.encodeSync(Stored)(pin)
 * const resumed = (text: string): LinkPin => Schema.decodeSync(Stored)(text)
 * ```
 */
export class LinkPin extends Schema.TaggedClass<LinkPin>()("LinkPin", {
  ...fields,
  code: Schema.String.pipe(Schema.pattern(/^[0-9A-Za-z]{1,8}$/)),
  qr: optionally(Schema.String)
}) {
  static {
    hideInPrint(this.prototype, "id")
  }
}

/**
 * A PIN for the auth app, the page where Plex signs a user in. plex.tv/link does not take its code.
 *
 * - `id` and `clientIdentifier` together are worth the token once the PIN is claimed. In print the id is hidden.
 * - `code`: about 25 characters, a secret until the PIN is gone.
 * - `expiresIn`: how long the PIN lives, counted from `receivedAt`, the moment at which the answer arrived here. A
 *   lifetime that Plex left out is 30 minutes; one that makes no sense is brought within an hour.
 * - `createdAt`, `expiresAt`: by the clock of plex.tv, which need not agree with yours.
 * - `thumbprint`: that of the device's key, where the PIN was created with one. Each look at it is signed with that key.
 *
 * A PIN encodes to a plain value, so that a program can store a sign-in that is under way and go on with it later. The
 * value has the id and the code in it: store it where secrets may be.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const pin = Effect.runSync(PlexAuthTest.strongPin())
 * console.log(pin.code) // <redacted>
 * ```
 */
export class StrongPin extends Schema.TaggedClass<StrongPin>()("StrongPin", {
  ...fields,
  code: Schema.Redacted(Schema.NonEmptyString)
}) {
  static {
    hideInPrint(this.prototype, "id")
  }
}

/**
 * A PIN as `PlexAuth.createPin` gives it: a {@link LinkPin} or a {@link StrongPin}, told apart by `_tag`.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { Pin } from "@plex-auth/core"
 * import { Match } from "effect"
 *
 * const instruction = Match.type<Pin>().pipe(
 *   Match.tag("LinkPin", (pin) => `Enter ${pin.code} at https://plex.tv/link`),
 *   Match.tag("StrongPin", () => "Go on in your browser"),
 *   Match.exhaustive
 * )
 * ```
 */
export const Pin = Schema.Union(LinkPin, StrongPin)

/**
 * The type of the {@link Pin} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { Pin } from "@plex-auth/core"
 * import { Duration } from "effect"
 *
 * const minutes = (pin: Pin): number => Math.round(Duration.toMinutes(pin.expiresIn))
 * ```
 */
export type Pin = typeof Pin.Type
