/** A plex.tv that issues tokens for device keys, in memory: what the tests of `PlexJwt`, `PlexSession` and `SignIn` ask. */
import {
  AccessToken,
  DeviceJwtRejected,
  PlexAuth,
  PlexAuthTest,
  PlexClientInfo,
  StrongPin,
  TokenExpired,
  Unauthorized
} from "@plex-auth/core"
import type { CreatePinRequest, DeviceJwt, GetTokenRequest, PlexKey, PublicJwk } from "@plex-auth/core"
import { Clock, Effect, Layer, Option, Redacted, Schema } from "effect"
import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from "jose"
import type { CryptoKey, JWTPayload } from "jose"
import { alice, clientIdentifier } from "./storeSamples.js"

export const seconds = (millis: number): number => Math.floor(millis / 1000)

const week = 7 * 86_400

interface SigningKey {
  readonly privateKey: CryptoKey
  readonly key: PlexKey
}

const makeKey = async (kid: string): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true })
  const { x = "" } = await exportJWK(publicKey)
  return { privateKey, key: { kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" } }
}

/** What is different about a token that a test forges. */
export interface Forged {
  readonly claims?: JWTPayload
  readonly header?: { readonly alg?: string; readonly kid?: string }
  readonly privateKey?: CryptoKey | Uint8Array
}

const aliceUser = { id: 7, uuid: "a1", username: "alice" }

/** Everything that happened, in order, by the names of `PlexAuth`'s operations. */
type Asked = "createPin" | "getToken" | "nonce" | "exchangeJwt" | "registerKey" | "keys" | "ping" | "account"

export const makeIssuer = Effect.gen(function* () {
  let signing = yield* Effect.promise(() => makeKey("key-1"))
  let listed: ReadonlyArray<SigningKey> = [signing]
  let registered: PublicJwk | undefined
  let awaited: PublicJwk | undefined
  let claimedAt = Number.POSITIVE_INFINITY
  let nonces = 0
  let offset = 0
  let user: Readonly<Record<string, unknown>> = aliceUser
  let legacy: string | undefined = "CANARY-of-alice"
  const usedNonces = new Set<unknown>()
  const asked: Array<Asked> = []
  const deviceJwts: Array<JWTPayload> = []
  const headers: Array<unknown> = []
  const issued: Array<AccessToken> = []
  const before = new Map<Asked, ReadonlyArray<Effect.Effect<void, PlexAuth.AnswerError>>>()

  /** Signs as plex.tv does, with what a test wants to be different. */
  const token = (thumbprint: string, forged: Forged = {}) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.promise(async () => {
        const { key, privateKey } = signing
        const iat = seconds(now + offset)
        const claims = {
          iss: "plex.tv",
          aud: ["plex.tv", clientIdentifier],
          iat,
          exp: iat + week,
          thumbprint,
          user,
          ...forged.claims
        }
        const jwt = await new SignJWT(claims)
          .setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid: key.kid, ...forged.header })
          .sign(forged.privateKey ?? privateKey)
        return Schema.decodeSync(AccessToken)(jwt)
      })
    )

  const ask = (operation: Asked) =>
    Effect.suspend(() => {
      asked.push(operation)
      const [next, ...rest] = before.get(operation) ?? []
      before.set(operation, rest)
      return next ?? Effect.void
    })

  const accepted = (operation: string, deviceJwt: DeviceJwt) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.tryPromise({
        try: async () => {
          if (registered === undefined) throw new Error("no key")
          const at = now + offset
          const { payload, protectedHeader } = await jwtVerify(
            Redacted.value(deviceJwt),
            await importJWK({ kty: registered.kty, crv: registered.crv, x: registered.x }, "EdDSA"),
            { algorithms: ["EdDSA"], audience: "plex.tv", issuer: clientIdentifier, currentDate: new Date(at) }
          )
          if (protectedHeader.kid !== registered.kid || (payload.iat ?? 0) > seconds(at) + 60)
            throw new Error("refused")
          deviceJwts.push(payload)
          headers.push(protectedHeader)
          return { payload, thumbprint: registered.kid }
        },
        catch: () => new DeviceJwtRejected({ operation, status: 422 })
      })
    )

  const service = {
    nonce: Effect.map(ask("nonce"), () => `nonce-${++nonces}`),
    exchangeJwt: (deviceJwt: DeviceJwt) =>
      Effect.gen(function* () {
        yield* ask("exchangeJwt")
        const { payload, thumbprint } = yield* accepted("PlexAuth.exchangeJwt", deviceJwt)
        if (typeof payload["nonce"] !== "string" || usedNonces.has(payload["nonce"])) {
          return yield* new DeviceJwtRejected({ operation: "PlexAuth.exchangeJwt", status: 422 })
        }
        usedNonces.add(payload["nonce"])
        legacy = undefined
        const made = yield* token(thumbprint, { claims: { jti: String(issued.length) } })
        issued.push(made)
        return made
      }),
    registerKey: (held: AccessToken, jwk: PublicJwk) =>
      Effect.gen(function* () {
        yield* ask("registerKey")
        if (Redacted.value(held) !== legacy) {
          return yield* new Unauthorized({ operation: "PlexAuth.registerKey", status: 401 })
        }
        registered = jwk
      }),
    keys: Effect.map(ask("keys"), () => listed.map(({ key }) => key)),
    clockOffset: Effect.sync(() => offset),
    createPin: (request: CreatePinRequest.Input = {}) =>
      Effect.gen(function* () {
        yield* ask("createPin")
        awaited = request.jwk
        const { receivedAt, ...pin } = yield* PlexAuthTest.strongPin()
        const thumbprint = Option.map(Option.fromNullable(request.jwk), ({ kid }) => kid)
        return new StrongPin({ ...pin, clientIdentifier, receivedAt, thumbprint })
      }),
    getToken: (_: GetTokenRequest.Input, deviceJwt?: DeviceJwt) =>
      Effect.gen(function* () {
        yield* ask("getToken")
        registered = awaited ?? registered
        if (deviceJwt !== undefined) yield* accepted("PlexAuth.getToken", deviceJwt)
        if ((yield* Clock.currentTimeMillis) < claimedAt) return PlexAuthTest.pending()
        if (awaited === undefined) return PlexAuthTest.claimed(legacy ?? "")
        const made = yield* token(awaited.kid)
        issued.push(made)
        return PlexAuthTest.claimed(Redacted.value(made))
      }),
    ping: () => ask("ping"),
    account: () => Effect.as(ask("account"), alice.account)
  }

  const withService = (members: Partial<PlexAuth.Service>) =>
    Layer.merge(
      Layer.mock(PlexAuth, { ...service, ...members }),
      PlexClientInfo.layer({ product: "My Cool App", clientIdentifier })
    )

  return {
    layer: Layer.succeedContext(yield* Effect.orDie(Effect.scoped(Layer.build(withService({}))))),
    with: withService,
    service,
    token,
    asked,
    /** The claims and headers of what devices signed, and the tokens that they got for it. */
    deviceJwts,
    headers,
    issued,
    register: (jwk: PublicJwk | undefined) => Effect.sync(() => void (registered = jwk)),
    /** The user claims whatever PIN there is at this moment. */
    claimAt: (millis: number) => Effect.sync(() => void (claimedAt = millis)),
    setOffset: (millis: number) => Effect.sync(() => void (offset = millis)),
    setUser: (other: Readonly<Record<string, unknown>>) => Effect.sync(() => void (user = other)),
    /** A new key signs from now on; those before it stay listed, or don't. */
    rotate: (kid: string, keeps: boolean) =>
      Effect.promise(async () => {
        signing = await makeKey(kid)
        listed = keeps ? [...listed, signing] : [signing]
      }),
    /** A new key signs from now on that is not listed. */
    rotateUnlisted: (kid: string) => Effect.promise(async () => void (signing = await makeKey(kid))),
    signingKey: () => signing,
    /** What the next calls of an operation do first: fail, wait, crash. */
    first: (operation: Asked, ...effects: ReadonlyArray<Effect.Effect<void, PlexAuth.AnswerError>>) =>
      Effect.sync(() => void before.set(operation, effects)),
    count: (operation: Asked) => asked.filter((each) => each === operation).length
  }
})

export type Issuer = Effect.Effect.Success<typeof makeIssuer>

export const expired = new TokenExpired({ operation: "PlexAuth.account", status: 498 })
