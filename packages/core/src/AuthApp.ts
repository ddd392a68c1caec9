/**
 * Where the user signs in. Pure: nothing here sends anything.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { decodeRequest } from "./internal/decodeRequest.js"
import { rules } from "./internal/rules.js"
import { brokenUrlRule } from "./internal/urlRule.js"
import type { LinkPin, StrongPin } from "./Pin.js"
import type { InvalidRequest } from "./PlexAuthError.js"
import type { PlexClientInfo } from "./PlexClientInfo.js"
import { SecureUrl } from "./SecureUrl.js"

const Forwarding = Schema.Struct({ forwardUrl: SecureUrl })

/**
 * Checks an address for Plex to send the user's browser back to: https, or http to a loopback address, and without a user
 * name or a password in it. Anything else is an `InvalidRequest`. Take it from the app's own configuration, never from a
 * request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { AuthApp } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = AuthApp.forwardUrl("javascript:alert(1)").pipe(
 *   Effect.catchTag("InvalidRequest", (error) => Effect.logError(error.message))
 * )
 * ```
 */
export const forwardUrl = (address: string | URL): Effect.Effect<SecureUrl, InvalidRequest> => {
  const url = address instanceof URL ? address.href : address
  const decode = decodeRequest("AuthApp", Forwarding, { forwardUrl: brokenUrlRule(url) ?? rules.url })
  return Effect.map(decode({ forwardUrl: url }), (decoded) => decoded.forwardUrl)
}

/**
 * The page where a user types the code of a link PIN, with the code already filled in. A strong PIN has no such page, and
 * the types forbid it. For a person who has to type the address, show `https://plex.tv/link` and `pin.code`.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { AuthApp } from "@plex-auth/core"
 * import type { LinkPin } from "@plex-auth/core"
 *
 * const instruction = (pin: LinkPin): string =>
 *   `Enter ${pin.code} at https://plex.tv/link, or open ${AuthApp.linkUrl(pin)}`
 * ```
 */
export const linkUrl = (pin: LinkPin): string => `https://plex.tv/link/?pin=${encoded(pin.code)}`

/**
 * The page where Plex signs a user in and has them claim a strong PIN, for a browser to open. It has the PIN's code in it,
 * and the client identifier, and nothing else that is secret: show it to the user, and don't log it.
 *
 * `forwardUrl` is where the browser is sent afterwards (see {@link forwardUrl}); `screenResolution` (such as `1920x1080`) and `layout` (such as
 * `desktop`) are told to Plex with what `client` says of the device.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { AuthApp, PlexClientInfo, SignIn } from "@plex-auth/core"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const pin = yield* SignIn.start({ strong: true })
 *   const forwardUrl = yield* AuthApp.forwardUrl("https://example.com/plex/callback")
 *   yield* Console.log(`Sign in at ${AuthApp.url(pin, yield* PlexClientInfo, { forwardUrl })}`)
 *   return yield* SignIn.wait(pin)
 * })
 * ```
 */
export const url = (
  pin: StrongPin,
  client: PlexClientInfo.Service,
  options: {
    readonly forwardUrl?: SecureUrl | undefined
    readonly screenResolution?: string | undefined
    readonly layout?: string | undefined
  } = {}
): string => {
  const device = {
    product: client.product,
    version: client.version,
    platform: client.platform,
    platformVersion: client.platformVersion,
    device: client.device,
    deviceName: client.deviceName,
    model: client.model,
    screenResolution: options.screenResolution,
    layout: options.layout
  }
  const parameters = [
    ["clientID", pin.clientIdentifier],
    ["code", Redacted.value(pin.code)],
    ...Object.entries(device).map(([field, value]) => [`context[device][${field}]`, value]),
    ["forwardUrl", options.forwardUrl]
  ]
  const query = parameters.flatMap(([key, value]) =>
    key === undefined || value === undefined ? [] : [`${encoded(key)}=${encoded(value)}`]
  )
  return `https://app.plex.tv/auth#?${query.join("&")}`
}

/** Percent-encoded UTF-8. Half of a surrogate pair, which a host name may have got into, has none and becomes U+FFFD. */
const encoded = (text: string): string => encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"))
