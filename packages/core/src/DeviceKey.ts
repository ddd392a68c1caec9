/**
 * The key pair of a device.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { calculateJwkThumbprint } from "jose/jwk/thumbprint"
import { exportJWK } from "jose/key/export"
import { generateKeyPair } from "jose/key/generate/keypair"
import { CryptoUnavailable } from "./DeviceKeyError.js"
import { decodeRequest } from "./internal/decodeRequest.js"
import { belongTogether } from "./internal/ed25519.js"
import { KeyBytes } from "./internal/keyBytes.js"
import { redactedText } from "./internal/redactedText.js"
import { rules } from "./internal/rules.js"
import { InvalidRequest } from "./PlexAuthError.js"
import { PublicJwk } from "./PublicJwk.js"
import { Thumbprint } from "./Thumbprint.js"

/**
 * The Ed25519 key pair of a device, with which it gets tokens that live for seven days, and new ones before they end.
 *
 * - `kid`: the id of the key, the RFC 7638 thumbprint of its public half.
 * - `x`: the public half. `d`: the private one, in a `Redacted`.
 *
 * It encodes to a JWK (RFC 8037) with the private half in it: encode only into a place that may hold a secret.
 *
 * A device has one key and keeps it: `CredentialStore` makes it, and stores it before anybody else hears of it.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { DeviceKey } from "@plex-auth/core"
 * import { Effect, Schema } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const key = yield* DeviceKey.generate
 *   console.log(key.kid.length) // 43
 *   console.log(key.d) // <redacted>
 *   return Schema.encodeSync(DeviceKey)(key) // { kty: "OKP", crv: "Ed25519", x: "…", d: "…", kid: "…", … }
 * })
 *
 * Effect.runPromise(program)
 * ```
 */
export class DeviceKey extends Schema.Class<DeviceKey>("DeviceKey")({
  ...PublicJwk.fields,
  d: redactedText(KeyBytes, rules.key)
}) {
  /**
   * Makes a new key. Fails with `CryptoUnavailable` where the platform has no WebCrypto with Ed25519.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { DeviceKey } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const kid = Effect.map(DeviceKey.generate, (key) => key.kid)
   * ```
   */
  static readonly generate: Effect.Effect<DeviceKey, CryptoUnavailable> = Effect.tryPromise({
    try: async () => {
      const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })
      const { d = "", x = "" } = await exportJWK(privateKey)
      return new DeviceKey({ x, kid: await thumbprintOf(x), d: Redacted.make(d) })
    },
    catch: () => new CryptoUnavailable({ operation: "DeviceKey.generate" })
  })

  /**
   * Takes a key over from a JWK with `kty`, `crv`, `x` and `d`, such as another program's. Its `kid` is not taken over, but
   * calculated.
   *
   * Fails with `InvalidRequest` when it is no such JWK, or its halves do not belong together, and with `CryptoUnavailable`
   * where the platform has no WebCrypto with Ed25519. What is wrong is not quoted.
   *
   * @since 0.1.0
   * @example
   * ```ts
   * import { DeviceKey } from "@plex-auth/core"
   * import { Effect } from "effect"
   *
   * const program = DeviceKey.fromJwk(JSON.parse('{"kty":"RSA"}')).pipe(
   *   Effect.catchTag("InvalidRequest", (error) => Effect.succeed(error.message))
   * )
   * ```
   */
  static fromJwk(jwk: unknown): Effect.Effect<DeviceKey, InvalidRequest | CryptoUnavailable> {
    return Effect.gen(function* () {
      const { d, x } = yield* decodeImported(jwk)
      const kid = yield* Effect.tryPromise({
        try: () => thumbprintOf(x),
        catch: () => new CryptoUnavailable({ operation: "DeviceKey.fromJwk" })
      })
      const key = new DeviceKey({ x, kid, d })
      if (yield* belongTogether("DeviceKey.fromJwk", key)) return key
      return yield* new InvalidRequest({
        request: "DeviceKey.fromJwk",
        issues: [{ field: "d", rule: "must belong to x" }]
      })
    })
  }

  /**
   * The half of the key that plex.tv gets.
   *
   * @since 0.1.0
   */
  get publicJwk(): PublicJwk {
    return new PublicJwk({ x: this.x, kid: this.kid })
  }
}

const thumbprintOf = async (x: string): Promise<Thumbprint> =>
  Thumbprint.make(await calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x }))

const decodeImported = decodeRequest(
  "DeviceKey.fromJwk",
  Schema.Struct(DeviceKey.fields).pick("kty", "crv", "x", "d"),
  { kty: 'must be "OKP"', crv: 'must be "Ed25519"', x: rules.key, d: rules.key }
)
