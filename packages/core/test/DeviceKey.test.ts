import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { DeviceKey } from "@plex-auth/core"
import { Effect, Either, Redacted, Schema } from "effect"
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose"
import { assertNotPrinted, fromJson } from "./support.js"

/** The example of RFC 8037, appendix A. */
const rfc8037 = {
  kty: "OKP",
  crv: "Ed25519",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
}

const rfc8037Thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"

describe("DeviceKey", () => {
  it.effect("case 45: a new one is an Ed25519 key pair, known by the RFC 7638 thumbprint of its public half", () =>
    Effect.gen(function* () {
      const key = yield* DeviceKey.generate
      deepStrictEqual(Object.keys(fromJson(Schema.encodeSync(DeviceKey)(key)) ?? {}).sort(), [
        ..."alg crv d kid kty use x".split(" ")
      ])
      strictEqual(Buffer.from(Redacted.value(key.d), "base64url").length, 32)
      const { crv, kty, x } = key
      strictEqual(yield* Effect.promise(() => calculateJwkThumbprint({ kty, crv, x })), key.kid)
      const other = yield* DeviceKey.generate
      assertTrue(other.kid !== key.kid)
    })
  )

  it.effect("goes to a JWK and back", () =>
    Effect.gen(function* () {
      const key = yield* DeviceKey.generate
      const jwk = fromJson(Schema.encodeSync(DeviceKey)(key))
      assertEquals(Schema.decodeUnknownSync(DeviceKey)(jwk), key)
      assertEquals(yield* DeviceKey.fromJwk(jwk), key)
    })
  )

  it.effect("is imported from the JWK of RFC 8037, and has the thumbprint that the RFC gives", () =>
    Effect.gen(function* () {
      const key = yield* DeviceKey.fromJwk(rfc8037)
      strictEqual(key.kid, rfc8037Thumbprint)
      deepStrictEqual(
        { ...key.publicJwk },
        {
          kty: "OKP",
          crv: "Ed25519",
          x: rfc8037.x,
          kid: rfc8037Thumbprint,
          use: "sig",
          alg: "EdDSA"
        }
      )
    })
  )

  it.effect("takes no other program's kid over", () =>
    Effect.gen(function* () {
      const key = yield* DeviceKey.fromJwk({ ...rfc8037, kid: "mine", use: "enc" })
      strictEqual(key.kid, rfc8037Thumbprint)
    })
  )

  const without = (field: string) => Object.fromEntries(Object.entries(rfc8037).filter(([name]) => name !== field))

  it.effect.each([
    { name: "nothing", jwk: undefined, field: "the request" },
    { name: "a text", jwk: "CANARY", field: "the request" },
    { name: "an RSA key", jwk: { kty: "RSA", n: "CANARY", e: "AQAB", d: "CANARY" }, field: "kty" },
    { name: "another curve", jwk: { ...rfc8037, crv: "X25519" }, field: "crv" },
    { name: "a public key", jwk: without("d"), field: "d" },
    { name: "no public half", jwk: without("x"), field: "x" },
    { name: "a private half that is too short", jwk: { ...rfc8037, d: "CANARY" }, field: "d" },
    { name: "a number", jwk: { ...rfc8037, d: 1 }, field: "d" },
    { name: "halves of two keys", jwk: { ...rfc8037, d: rfc8037.x }, field: "d" }
  ])("fails with what is wrong of $name, and quotes nothing", ({ field, jwk }) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(DeviceKey.fromJwk(jwk))
      strictEqual(error._tag, "InvalidRequest")
      assertTrue(error.message.includes(field), error.message)
      assertNotPrinted(error, "CANARY", rfc8037.d)
    })
  )

  it.effect("threat 4: the private half shows nowhere", () =>
    Effect.gen(function* () {
      const key = yield* DeviceKey.fromJwk(rfc8037)
      assertNotPrinted(key, rfc8037.d)
      assertNotPrinted(key.publicJwk, rfc8037.d)
      const broken = Schema.decodeUnknownEither(DeviceKey)({ ...rfc8037, kid: 1, d: `${rfc8037.d}!` })
      assertNotPrinted(
        Either.getOrThrowWith(Either.flip(broken), () => new Error("decoded")),
        rfc8037.d
      )
    })
  )

  it.effect("takes a key of another library", () =>
    Effect.gen(function* () {
      const jwk = yield* Effect.promise(async () => {
        const { privateKey } = await generateKeyPair("EdDSA", { extractable: true })
        return exportJWK(privateKey)
      })
      const key = yield* DeviceKey.fromJwk(jwk)
      strictEqual(Redacted.value(key.d), jwk.d)
    })
  )
})
