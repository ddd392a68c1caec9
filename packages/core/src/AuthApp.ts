/**
 * Where the user signs in. Pure: nothing here sends anything.
 *
 * @since 0.1.0
 */
import type { LinkPin } from "./Pin.js"

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
 * declare const pin: LinkPin
 * console.log(`Enter ${pin.code} at https://plex.tv/link, or open ${AuthApp.linkUrl(pin)}`)
 * ```
 */
export const linkUrl = (pin: LinkPin): string => `https://plex.tv/link/?pin=${encodeURIComponent(pin.code)}`
