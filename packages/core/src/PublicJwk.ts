/**
 * The half of a device's key that plex.tv gets.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { KeyBytes } from "./internal/keyBytes.js"
import { Thumbprint } from "./Thumbprint.js"

const constant = <const Literal extends string>(literal: Literal) =>
  Schema.Literal(literal).pipe(
    Schema.propertySignature,
    Schema.withConstructorDefault(() => literal)
  )

/**
 * The public half of a device's Ed25519 key, as a JWK (RFC 8037), in the form in which plex.tv wants it registered. It is
 * no secret. `DeviceKey` has one as `publicJwk`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8037
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { PublicJwk } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const jwk = Schema.decodeUnknownSync(PublicJwk)({
 *   kty: "OKP",
 *   crv: "Ed25519",
 *   x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
 *   kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
 *   use: "sig",
 *   alg: "EdDSA"
 * })
 * ```
 */
export class PublicJwk extends Schema.Class<PublicJwk>("PublicJwk")(
  {
    kty: constant("OKP"),
    crv: constant("Ed25519"),
    x: KeyBytes,
    kid: Thumbprint,
    use: constant("sig"),
    alg: constant("EdDSA")
  },
  { description: "The public half of a device's key" }
) {}
