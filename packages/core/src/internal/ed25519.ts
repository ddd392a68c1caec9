import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { JWSSignatureVerificationFailed } from "jose/errors"
import { CompactSign } from "jose/jws/compact/sign"
import { compactVerify } from "jose/jws/compact/verify"
import { SignJWT } from "jose/jwt/sign"
import { importJWK } from "jose/key/import"
import type { ClientIdentifier } from "../ClientIdentifier.js"
import { DeviceJwt } from "../DeviceJwt.js"
import type { DeviceKey } from "../DeviceKey.js"
import { CryptoUnavailable } from "../DeviceKeyError.js"

/** "About five minutes", as Plex's documentation has it, and no more than that. */
const lifetime = 300

const privateKeyOf = ({ crv, d, kty, x }: DeviceKey) => importJWK({ kty, crv, x, d: Redacted.value(d) }, "EdDSA")

const publicKeyOf = ({ crv, kty, x }: DeviceKey) => importJWK({ kty, crv, x }, "EdDSA")

/** What a device says of itself. `at` is the time by plex.tv's clock, in milliseconds. */
export interface Claims {
  readonly clientIdentifier: ClientIdentifier
  readonly at: number
  readonly nonce?: string | undefined
  readonly scope?: string | undefined
}

/** Signs what plex.tv knows a device by. */
export const signDeviceJwt = (key: DeviceKey, { at, clientIdentifier, nonce, scope }: Claims) =>
  Effect.tryPromise({
    try: async () => {
      const seconds = Math.floor(at / 1000)
      const about = { ...(nonce === undefined ? {} : { nonce }), ...(scope === undefined ? {} : { scope }) }
      const jwt = await new SignJWT(about)
        .setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid: key.kid })
        .setIssuer(clientIdentifier)
        .setAudience("plex.tv")
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + lifetime)
        .sign(await privateKeyOf(key))
      return Schema.decodeSync(DeviceJwt)(jwt)
    },
    catch: () => new CryptoUnavailable({ operation: "DeviceKey.sign" })
  })

/** WebCrypto's name for a key that is none. */
const isBadKey = (cause: unknown): boolean => cause instanceof DOMException && cause.name === "DataError"

/** Whether the public half of a key is that of the private one. */
export const belongTogether = (operation: string, key: DeviceKey): Effect.Effect<boolean, CryptoUnavailable> =>
  Effect.tryPromise({
    try: async () => {
      const signed = await new CompactSign(new Uint8Array())
        .setProtectedHeader({ alg: "EdDSA" })
        .sign(await privateKeyOf(key))
      await compactVerify(signed, await publicKeyOf(key))
      return true
    },
    catch: (cause) => cause
  }).pipe(
    Effect.catchAll((cause) =>
      isBadKey(cause) || cause instanceof JWSSignatureVerificationFailed
        ? Effect.succeed(false)
        : new CryptoUnavailable({ operation })
    )
  )
