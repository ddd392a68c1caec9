/** A device with a key, which signs with jose alone: nothing here is the library's own, so that it may say anything. */
import { DeviceJwt, DeviceKey } from "@plex-auth/core"
import { Clock, Effect, Redacted, Schema } from "effect"
import { importJWK, SignJWT } from "jose"
import type { CryptoKey } from "jose"

const decode = Schema.decodeSync(DeviceJwt)

/** What is different about a JWT; a claim that is `undefined` is left out. */
export interface Signed {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: { readonly alg?: string; readonly kid?: string | undefined }
  /** By how many milliseconds the device's clock is ahead. */
  readonly clock?: number
  readonly by?: CryptoKey | Uint8Array
}

export const makeDevice = (clientIdentifier: string) =>
  Effect.gen(function* () {
    const key = yield* DeviceKey.generate
    const { crv, kty, publicJwk, x } = key
    const own = yield* Effect.promise(() => importJWK({ kty, crv, x, d: Redacted.value(key.d) }, "EdDSA"))
    const sign = ({ by = own, claims = {}, clock = 0, header = {} }: Signed = {}) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.promise(async () => {
          const { alg = "EdDSA", kid } = { kid: key.kid, ...header }
          const iat = Math.floor((now + clock) / 1000)
          const jwt = await new SignJWT({ iss: clientIdentifier, aud: "plex.tv", iat, exp: iat + 300, ...claims })
            .setProtectedHeader({ alg, typ: "JWT", ...(kid === undefined ? {} : { kid }) })
            .sign(by)
          return decode(jwt)
        })
      )
    return { key, publicJwk, sign }
  })

export type Device = Effect.Effect.Success<ReturnType<typeof makeDevice>>
