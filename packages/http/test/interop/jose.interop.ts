/** What we sign and what we accept, held against another implementation of JOSE: Debian's `python3-jwt`. */
import { assert, describe, it } from "@effect/vitest"
import {
  AccessToken,
  ClientIdentifier,
  CredentialStore,
  DeviceJwt,
  DeviceKey,
  PlexAuth,
  PlexClientInfo,
  PlexJwt,
  SignIn
} from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Layer, Redacted, Schema } from "effect"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const clientIdentifier = ClientIdentifier.make("an-installation")

const python = (command: Readonly<Record<string, unknown>>): unknown =>
  JSON.parse(
    execFileSync("/usr/bin/python3", [fileURLToPath(new URL("jose.py", import.meta.url))], {
      input: JSON.stringify(command),
      encoding: "utf8"
    })
  )

const Jwk = Schema.Struct({
  kty: Schema.String,
  crv: Schema.String,
  x: Schema.String,
  d: Schema.optional(Schema.String)
})

/** A key pair that Python made. */
const generated = () =>
  Schema.decodeUnknownSync(Schema.Struct({ private: Schema.parseJson(Jwk), public: Schema.parseJson(Jwk) }))(
    python({ do: "generate" })
  )

const sign = (jwk: typeof Jwk.Type, claims: object, headers: object) => python({ do: "sign", jwk, claims, headers })

const signed = (...what: Parameters<typeof sign>) => Schema.decodeUnknownSync(AccessToken)(sign(...what))

const simulated = PlexAuthHttp.layer().pipe(
  Layer.provideMerge(PlexTvSimulator.layerHttpClient),
  Layer.provideMerge(PlexClientInfo.layer({ clientIdentifier, product: "My Cool App" }))
)

const now = () => Math.floor(Date.now() / 1000)

describe("threat 16: a token that Python signed", () => {
  const setUp = Effect.gen(function* () {
    const pair = generated()
    const { kid } = yield* DeviceKey.generate
    const keys = [{ kty: "OKP" as const, crv: "Ed25519" as const, x: pair.public.x, kid: "python-key" }]
    const claims = {
      iss: "plex.tv",
      aud: ["plex.tv", clientIdentifier],
      iat: now(),
      exp: now() + 604_800,
      thumbprint: kid,
      user: { id: 7, uuid: "a1" }
    }
    const verify = (token: AccessToken) =>
      PlexJwt.verify(token, { thumbprint: kid, clientIdentifier }).pipe(
        Effect.provide(Layer.mock(PlexAuth, { keys: Effect.succeed(keys), clockOffset: Effect.succeed(0) }))
      )
    return { pair, claims, verify }
  })

  it.scopedLive("is accepted", () =>
    Effect.gen(function* () {
      const { claims, pair, verify } = yield* setUp
      const verified = yield* verify(signed(pair.private, claims, { kid: "python-key" }))
      assert.strictEqual(verified.thumbprint, claims.thumbprint)
    })
  )

  it.scopedLive("is refused with the key of another", () =>
    Effect.gen(function* () {
      const { claims, verify } = yield* setUp
      const error = yield* Effect.flip(verify(signed(generated().private, claims, { kid: "python-key" })))
      assert.deepInclude(error, { _tag: "UntrustedToken", reason: "signature" })
    })
  )
})

describe("a key that Python made", () => {
  it.scopedLive("is imported, and what Python signs with it is accepted by the simulated plex.tv", () =>
    Effect.gen(function* () {
      const pair = generated()
      const key = yield* DeviceKey.fromJwk(pair.private)
      assert.strictEqual(key.x, pair.public.x)
      const plex = yield* PlexAuth
      const simulator = yield* PlexTvSimulator
      const pin = yield* SignIn.start({ strong: true, jwk: key.publicJwk })
      yield* simulator.claim(pin.code)
      const token = yield* SignIn.wait(pin, { deviceKey: key })
      const nonce = yield* plex.nonce
      const claims = { iss: clientIdentifier, aud: "plex.tv", iat: now(), exp: now() + 300, nonce }
      const deviceJwt = yield* Schema.decodeUnknown(DeviceJwt)(sign(pair.private, claims, { kid: key.kid }))
      const issued = yield* plex.exchangeJwt(deviceJwt)
      assert.notStrictEqual(Redacted.value(issued), Redacted.value(token))
      yield* PlexJwt.verify(issued, { thumbprint: key.kid, clientIdentifier })
    }).pipe(Effect.provide(simulated))
  )
})

describe("what a device of ours signs", () => {
  it.scopedLive("is accepted by Python, for plex.tv and under its client identifier alone", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const key = yield* Effect.flatMap(CredentialStore, (store) => store.deviceKey)
      const plex = yield* PlexAuth
      const pin = yield* SignIn.start({ strong: true, jwk: key.publicJwk })
      const recording = PlexAuth.of({
        ...plex,
        getToken: (request, deviceJwt) => {
          if (deviceJwt !== undefined) seen.push(Redacted.value(deviceJwt))
          return plex.getToken(request, deviceJwt)
        }
      })
      yield* Effect.flatMap(PlexTvSimulator, (simulator) => simulator.claim(pin.code))
      yield* SignIn.wait(pin, { deviceKey: key }).pipe(Effect.provideService(PlexAuth, recording))
      const [token = ""] = seen
      const { crv, kty, x } = key.publicJwk
      const verify = (fields: object) =>
        python({ do: "verify", token, jwk: { kty, crv, x }, audience: "plex.tv", issuer: clientIdentifier, ...fields })
      const claims = Schema.decodeUnknownSync(Schema.Struct({ iat: Schema.Int, exp: Schema.Int }))(verify({}))
      assert.strictEqual(claims.exp - claims.iat, 300)
      assert.deepStrictEqual(verify({ audience: "plex.example" }), { refused: "InvalidAudienceError" })
      assert.deepStrictEqual(verify({ issuer: "another-installation" }), { refused: "InvalidIssuerError" })
      assert.deepStrictEqual(verify({ jwk: generated().public }), { refused: "InvalidSignatureError" })
    }).pipe(Effect.provide([simulated, CredentialStore.layerMemory]))
  )
})
