/**
 * What a key is known by.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { rules, saying } from "./internal/rules.js"

/**
 * The id of a device's key: the thumbprint of its public half (RFC 7638, SHA-256, base64url: 43 characters). It is no
 * secret.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7638
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { Thumbprint } from "@plex-auth/core"
 *
 * // That of the key in RFC 8037, appendix A.3.
 * const kid = Thumbprint.make("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
 * ```
 */
export const Thumbprint = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z0-9_-]{43}$/, saying(rules.thumbprint)),
  Schema.brand("@plex-auth/core/Thumbprint")
).annotations({ identifier: "Thumbprint", description: "The RFC 7638 thumbprint of a public key" })

/**
 * The type of the {@link Thumbprint} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { DeviceKey, Thumbprint } from "@plex-auth/core"
 *
 * const idOf = (key: DeviceKey): Thumbprint => key.kid
 * ```
 */
export type Thumbprint = typeof Thumbprint.Type
