import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { JOSEError } from "jose/errors"
import { CompactSign } from "jose/jws/compact/sign"
import { compactVerify } from "jose/jws/compact/verify"
import { SignJWT } from "jose/jwt/sign"
import { importJWK } from "jose/key/import"
import type { AccessToken } from "../AccessToken.js"
import type { ClientIdentifier } from "../ClientIdentifier.js"
import { DeviceJwt } from "../DeviceJwt.js"
import type { DeviceKey } from "../DeviceKey.js"
import { CryptoUnavailable } from "../DeviceKeyError.js"

/** "About five minutes", as Plex's documentation has it, and no more than that. */
const lifetime = 300

const privateKeyOf = ({ crv, d, kty, x }: DeviceKey) => importJWK({ kty, crv, x, d: Redacted.value(d) }, "EdDSA")

type PublicKey = Pick<DeviceKey, "kty" | "crv" | "x">

const publicKeyOf = ({ crv, kty, x }: PublicKey) => importJWK({ kty, crv, x }, "EdDSA")

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
      // What is undefined is not in it.
      const jwt = await new SignJWT({ nonce, scope })
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

/** What is there is wrong: a JWS or, by WebCrypto's name for it, a key. Any other error says that it can't be judged. */
const isWrong = (cause: unknown): boolean =>
  cause instanceof JOSEError || (cause instanceof DOMException && cause.name === "DataError")

const isSigned = (operation: string, jws: () => string | Promise<string>, key: PublicKey) =>
  Effect.tryPromise({
    try: async () => {
      await compactVerify(await jws(), await publicKeyOf(key), { algorithms: ["EdDSA"] })
      return true
    },
    catch: (cause) => cause
  }).pipe(
    Effect.catchAll((cause) =>
      isWrong(cause) ? Effect.succeed(false) : Effect.fail(new CryptoUnavailable({ operation }))
    )
  )

/** Whether a token is signed with the key, by EdDSA. */
export const isSignedWith = (
  operation: string,
  token: AccessToken,
  key: PublicKey
): Effect.Effect<boolean, CryptoUnavailable> => isSigned(operation, () => Redacted.value(token), key)

/** Whether the public half of a key is that of the private one. */
export const belongTogether = (operation: string, key: DeviceKey): Effect.Effect<boolean, CryptoUnavailable> =>
  isSigned(
    operation,
    async () => new CompactSign(new Uint8Array()).setProtectedHeader({ alg: "EdDSA" }).sign(await privateKeyOf(key)),
    key
  )
