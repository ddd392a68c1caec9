import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { JOSEError } from "jose/errors"
import { compactVerify } from "jose/jws/compact/verify"
import { decodeJwt } from "jose/jwt/decode"
import { importJWK } from "jose/key/import"
import type { AccessToken } from "../AccessToken.js"
import { CryptoUnavailable } from "../DeviceKeyError.js"
import type { PlexKey } from "../PlexKeys.js"

/** What a token says of its signature, if it is a JWS. */
export const headerOf = Option.liftThrowable((token: AccessToken) => decodeProtectedHeader(Redacted.value(token)))

/** What a token claims, if it is a JWT. Nobody has looked at its signature. */
export const payloadOf = Option.liftThrowable((token: AccessToken): unknown => decodeJwt(Redacted.value(token)))

/** What is there is wrong: a JWS or, by WebCrypto's name for it, a key. Any other error says that it can't be judged. */
const isWrong = (cause: unknown): boolean =>
  cause instanceof JOSEError || (cause instanceof DOMException && cause.name === "DataError")

/** Whether a token is signed with the key, by EdDSA. */
export const isSignedWith = (
  operation: string,
  token: AccessToken,
  { crv, kty, x }: PlexKey
): Effect.Effect<boolean, CryptoUnavailable> =>
  Effect.tryPromise({
    try: async () => {
      await compactVerify(Redacted.value(token), await importJWK({ kty, crv, x }, "EdDSA"), { algorithms: ["EdDSA"] })
      return true
    },
    catch: (cause) => cause
  }).pipe(
    Effect.catchAll((cause) =>
      isWrong(cause) ? Effect.succeed(false) : Effect.fail(new CryptoUnavailable({ operation }))
    )
  )
