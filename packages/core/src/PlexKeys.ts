/**
 * The keys that plex.tv signs with.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { KeyBytes } from "./internal/keyBytes.js"
import { lenientArray } from "./internal/lenientArray.js"

/**
 * A key that plex.tv signs tokens with: the public half, as a JWK (RFC 8037). `kid` is its name in a token's header.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { PlexKey } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const isPlexKey = Schema.is(PlexKey)
 * console.log(isPlexKey({ kty: "RSA", n: "…", e: "AQAB", kid: "2020" })) // false
 * ```
 */
export const PlexKey = Schema.Struct({
  kty: Schema.Literal("OKP"),
  crv: Schema.Literal("Ed25519"),
  x: KeyBytes,
  kid: Schema.String.pipe(Schema.minLength(1), Schema.maxLength(255)),
  use: Schema.optional(Schema.Literal("sig")),
  alg: Schema.optional(Schema.Literal("EdDSA", "Ed25519"))
}).annotations({ identifier: "PlexKey" })

/**
 * The type of the {@link PlexKey} schema.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { PlexKey } from "@plex-auth/core"
 *
 * const find = (keys: ReadonlyArray<PlexKey>, kid: string) => keys.find((key) => key.kid === kid)
 * ```
 */
export type PlexKey = typeof PlexKey.Type

/**
 * The keys that plex.tv signs tokens with (`GET /auth/keys`). A key of another type, or one that can't be read, is left out,
 * and takes no other with it.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { PlexKeys } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const { keys } = Schema.decodeUnknownSync(PlexKeys)({ keys: [{ kty: "RSA", n: "…", e: "AQAB" }] })
 * console.log(keys.length) // 0
 * ```
 */
export const PlexKeys = Schema.Struct({ keys: lenientArray(PlexKey) }).annotations({ identifier: "PlexKeys" })
