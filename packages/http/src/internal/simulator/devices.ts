import { PublicJwk } from "@plex-auth/core/PublicJwk"
import type { ClientIdentifier } from "@plex-auth/core/ClientIdentifier"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import { importJWK } from "jose/key/import"
import { exportJWK } from "jose/key/export"
import { generateKeyPair } from "jose/key/generate/keypair"
import { SignJWT } from "jose/jwt/sign"
import { jwtVerify } from "jose/jwt/verify"
import type { Account } from "./state.js"

/** A key that the simulated plex.tv signs with. */
interface SigningKey {
  readonly kid: string
  readonly x: string
  readonly sign: (claims: Readonly<Record<string, unknown>>) => Promise<string>
}

const makeSigningKey = async (kid: string): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })
  const { x = "" } = await exportJWK(publicKey)
  return {
    kid,
    x,
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid }).sign(privateKey)
  }
}

/** The keys of the simulated plex.tv: the one that signs first, then that before it. None is made before it is needed. */
export const makeSigningKeys = Effect.gen(function* () {
  const keys = yield* Ref.make<ReadonlyArray<SigningKey>>([])
  const lock = yield* Effect.makeSemaphore(1)
  const add = (kept: ReadonlyArray<SigningKey>) =>
    Effect.gen(function* () {
      const kid = `simulated-${yield* Random.nextIntBetween(100_000_000, 999_999_999)}`
      const all = [yield* Effect.promise(() => makeSigningKey(kid)), ...kept]
      yield* Ref.set(keys, all)
      return all
    })
  const current = lock.withPermits(1)(
    Effect.flatMap(Ref.get(keys), (all) => (all.length === 0 ? add([]) : Effect.succeed(all)))
  )
  return {
    /** Another key signs from now on, and the one before it can still be looked up. */
    rotate: lock.withPermits(1)(Effect.flatMap(Ref.get(keys), (all) => add(all.slice(0, 1)))),
    /** The answer of `GET /auth/keys`. There is a key in it of another kind, as a client has to expect. */
    published: Effect.map(current, (all) => ({
      keys: [
        ...all.map(({ kid, x }) => ({ kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" })),
        { kty: "RSA", n: "AQAB", e: "AQAB", kid: "simulated-rsa", use: "sig", alg: "RS256" }
      ]
    })),
    sign: (claims: Readonly<Record<string, unknown>>) =>
      Effect.flatMap(current, ([key]) =>
        key === undefined ? Effect.succeed("") : Effect.promise(() => key.sign(claims))
      )
  }
})

export type SigningKeys = Effect.Effect.Success<typeof makeSigningKeys>

const week = 7 * 24 * 60 * 60

/** What a device says of itself, once it has been believed. */
export interface DeviceClaims {
  readonly nonce: string | undefined
  readonly scope: ReadonlyArray<string>
}

const inScope = ({ username }: Account): Readonly<Record<string, unknown>> => ({
  username,
  email: `${username}@example.com`,
  friendly_name: username,
  restricted: false,
  anonymous: false,
  joinedAt: 1_500_000_000
})

/** The claims of a token for a device's key. `now` is in milliseconds by the clock of the simulated plex.tv. */
export const tokenClaims = (
  account: Account,
  clientIdentifier: ClientIdentifier,
  { kid }: PublicJwk,
  { nonce, scope }: DeviceClaims,
  now: number
) => {
  const iat = Math.floor(now / 1000)
  const all = inScope(account)
  const asked = Object.fromEntries(scope.flatMap((name) => (name in all ? [[name, all[name]]] : [])))
  return {
    iss: "plex.tv",
    aud: ["plex.tv", clientIdentifier],
    iat,
    exp: iat + week,
    nonce,
    thumbprint: kid,
    user: { id: account.id, uuid: account.uuid, ...asked }
  }
}

/** When such a token ends, in milliseconds. */
export const endOf = ({ exp }: ReturnType<typeof tokenClaims>): number => exp * 1000

/** What a device signed, if it did so with this key, for plex.tv, under this client identifier, and just now. */
export const readDeviceJwt = (
  jwt: string,
  jwk: PublicJwk,
  clientIdentifier: ClientIdentifier,
  now: number
): Effect.Effect<Option.Option<DeviceClaims>> =>
  Effect.promise(async () => {
    try {
      const { payload, protectedHeader } = await jwtVerify(
        jwt,
        await importJWK({ kty: jwk.kty, crv: jwk.crv, x: jwk.x }, "EdDSA"),
        {
          algorithms: ["EdDSA"],
          audience: "plex.tv",
          issuer: clientIdentifier,
          currentDate: new Date(now),
          requiredClaims: ["iat", "exp"]
        }
      )
      const { exp = 0, iat = 0, nonce, scope } = payload
      const isFromNow = iat <= now / 1000 + 60 && exp - iat <= 300
      if (protectedHeader.kid !== jwk.kid || !isFromNow) return Option.none()
      return Option.some({
        nonce: typeof nonce === "string" ? nonce : undefined,
        scope: typeof scope === "string" ? scope.split(",").map((name) => name.trim()) : []
      })
    } catch {
      return Option.none()
    }
  })

const decodeKey = Schema.decodeUnknownOption(Schema.Struct({ jwk: PublicJwk }))

/** The key in the body of a request. */
export const jwkIn = (body: unknown): Option.Option<PublicJwk> => Option.map(decodeKey(body), ({ jwk }) => jwk)

const decodeJwt = Schema.decodeUnknownOption(Schema.Struct({ jwt: Schema.NonEmptyString }))

/** What a device signed, in the body of a request. */
export const jwtIn = (body: unknown): Option.Option<string> => Option.map(decodeJwt(body), ({ jwt }) => jwt)
