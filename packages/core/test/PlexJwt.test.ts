import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { AccessToken, ClientIdentifier, DeviceKey, PlexJwt, PlexUnavailable } from "@plex-auth/core"
import { Clock, DateTime, Duration, Effect, Exit, Fiber, Option, Redacted, Schema, TestClock } from "effect"
import { generateKeyPair } from "jose"
import type { JWTPayload } from "jose"
import { makeIssuer, seconds } from "./issuer.js"
import type { Forged, Issuer } from "./issuer.js"
import { clientIdentifier, token as legacyToken } from "./storeSamples.js"
import { assertNotPrinted, utc } from "./support.js"

const setUp = Effect.gen(function* () {
  const issuer = yield* makeIssuer
  const { kid } = yield* DeviceKey.generate
  const verify = (token: AccessToken) =>
    Effect.provide(PlexJwt.verify(token, { thumbprint: kid, clientIdentifier }), issuer.layer)
  const reasonFor = (forged: Forged) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.flatMap(issuer.token(kid, forged), verify))
      return error._tag === "UntrustedToken" ? error.reason : error._tag
    })
  return { issuer, kid, verify, reasonFor }
})

const accessToken = (text: string) => Schema.decodeSync(AccessToken)(text)

const unsigned = (claims: object) =>
  accessToken(
    [{ alg: "none", typ: "JWT", kid: "key-1" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".") + "."
  )

describe("PlexJwt.verify", () => {
  it.effect("threat 16: gives what a token says that plex.tv issued to this device", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const { issuer, kid, verify } = yield* setUp
      const claims = yield* verify(yield* issuer.token(kid))
      assertEquals(claims.exp, utc(1_800_000_000_000 + Duration.toMillis("7 days")))
      assertEquals(claims.iat, utc(1_800_000_000_000))
      strictEqual(claims.thumbprint, kid)
      assertEquals(
        Option.flatMap(claims.user, ({ username }) => username),
        Option.some("alice")
      )
    })
  )

  it.effect("threat 16: fits no other audience, issuer, thumbprint or time, one by one", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const { reasonFor } = yield* setUp
      const now = seconds(yield* Clock.currentTimeMillis)
      const other = yield* DeviceKey.generate
      const forged: ReadonlyArray<readonly [JWTPayload, string]> = [
        [{ iss: "plex.example" }, "issuer"],
        [{ iss: "" }, "issuer"],
        [{ aud: "plex.tv" }, "audience"],
        [{ aud: [clientIdentifier] }, "audience"],
        [{ aud: ["plex.tv", "another-installation"] }, "audience"],
        [{ aud: [] }, "audience"],
        [{ thumbprint: other.kid }, "thumbprint"],
        [{ thumbprint: "" }, "thumbprint"],
        [{ iat: now + 61 }, "time"],
        [{ iat: now - 200, exp: now - 60 }, "time"],
        [{ iat: now, exp: now }, "time"],
        [{ iat: now + 10, exp: now - 10 }, "time"]
      ]
      for (const [claims, reason] of forged) strictEqual(yield* reasonFor({ claims }), reason, JSON.stringify(claims))
      const missing: ReadonlyArray<Record<string, unknown>> = [
        { iss: undefined },
        { aud: undefined },
        { iat: undefined },
        { exp: undefined },
        { exp: "tomorrow" },
        { exp: 1e300 },
        { thumbprint: undefined }
      ]
      for (const claims of missing) strictEqual(yield* reasonFor({ claims }), "malformed", JSON.stringify(claims))
    })
  )

  it.effect("threat 16: bears a minute's difference between the clocks, and no more", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_800_000_000_000)
      const { issuer, kid, verify } = yield* setUp
      const now = seconds(yield* Clock.currentTimeMillis)
      for (const claims of [{ iat: now + 60 }, { iat: now - 100, exp: now - 59 }]) {
        yield* verify(yield* issuer.token(kid, { claims }))
      }
    })
  )

  it.effect("threat 16: takes no algorithm but EdDSA: none, HS256 with the public key, RS256", () =>
    Effect.gen(function* () {
      const { issuer, kid, reasonFor, verify } = yield* setUp
      const rsa = yield* Effect.promise(() => generateKeyPair("RS256"))
      const publicHalf = Buffer.from(issuer.signingKey().key.x, "base64url")
      strictEqual(yield* reasonFor({ header: { alg: "HS256" }, privateKey: publicHalf }), "algorithm")
      strictEqual(yield* reasonFor({ header: { alg: "RS256" }, privateKey: rsa.privateKey }), "algorithm")
      const claims = { iss: "plex.tv", aud: ["plex.tv", clientIdentifier], iat: 0, exp: 604_800, thumbprint: kid }
      const error = yield* Effect.flip(verify(unsigned(claims)))
      assertTrue(error._tag === "UntrustedToken" && error.reason === "algorithm")
      deepStrictEqual(issuer.asked, [])
    })
  )

  it.effect("threat 16: takes no signature of another key under plex.tv's name for its own", () =>
    Effect.gen(function* () {
      const { issuer, kid, reasonFor, verify } = yield* setUp
      const { privateKey } = yield* Effect.promise(() => generateKeyPair("EdDSA"))
      strictEqual(yield* reasonFor({ privateKey }), "signature")
      const [header, , signature] = Redacted.value(yield* issuer.token(kid)).split(".")
      const [, body] = Redacted.value(yield* issuer.token(kid, { claims: { user: { id: 1 } } })).split(".")
      const swapped = yield* Effect.flip(verify(accessToken([header, body, signature].join("."))))
      assertTrue(swapped._tag === "UntrustedToken" && swapped.reason === "signature")
    })
  )

  it.effect.each(["a-legacy-token-00000", "a.b.c", "..", "eyJhbGciOiJFZERTQSJ9.e30.AA"])(
    "%s is no such token",
    (text) =>
      Effect.gen(function* () {
        const { verify } = yield* setUp
        const error = yield* Effect.flip(verify(accessToken(text)))
        assertTrue(error._tag === "UntrustedToken" && ["malformed", "unknownKey"].includes(error.reason))
        assertNotPrinted(error, text)
      })
  )

  it.effect("of a key that can't be read it says that the signature is wrong, and does not die", () =>
    Effect.gen(function* () {
      const { issuer, kid } = yield* setUp
      const keys = Effect.succeed([{ kty: "OKP" as const, crv: "Ed25519" as const, x: "_".repeat(43), kid: "key-1" }])
      const { token } = issuer
      const forged = yield* token(kid)
      const error = yield* PlexJwt.verify(forged, { thumbprint: kid, clientIdentifier }).pipe(
        Effect.provide(issuer.with({ keys })),
        Effect.flip
      )
      assertTrue(error._tag === "UntrustedToken" && error.reason === "signature")
    })
  )
})

describe("PlexJwt.verify and the keys of plex.tv", () => {
  const stale = (issuer: Issuer) => ({ asked: issuer.count("keys") })

  it.effect("case 50: asks for them once, and again when a key is unknown", () =>
    Effect.gen(function* () {
      const { issuer, kid, verify } = yield* setUp
      const first = yield* issuer.token(kid)
      yield* Effect.all(Effect.replicate(verify(first), 20), { concurrency: "unbounded" })
      deepStrictEqual(stale(issuer), { asked: 1 })
      yield* TestClock.adjust("2 minutes")
      yield* issuer.rotate("key-2", true)
      yield* verify(yield* issuer.token(kid))
      yield* verify(first)
      deepStrictEqual(stale(issuer), { asked: 2 })
    })
  )

  it.effect("case 50: a key that appeared right after is waited for, for a minute, by those alone who need it", () =>
    Effect.gen(function* () {
      const { issuer, kid, verify } = yield* setUp
      const first = yield* issuer.token(kid)
      yield* verify(first)
      yield* issuer.rotate("key-2", true)
      const second = yield* issuer.token(kid)
      const fiber = yield* Effect.fork(Effect.replicateEffect(verify(second), 3))
      yield* TestClock.adjust("59 seconds")
      assertEquals(yield* Fiber.poll(fiber), Option.none())
      yield* verify(first)
      deepStrictEqual(stale(issuer), { asked: 1 })
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      deepStrictEqual(stale(issuer), { asked: 2 })
    })
  )

  it.effect("case 50: a key that plex.tv does not have is asked for once a minute at most", () =>
    Effect.gen(function* () {
      const { issuer, kid, verify } = yield* setUp
      yield* issuer.rotateUnlisted("key-x")
      const token = yield* issuer.token(kid)
      const fiber = yield* Effect.fork(Effect.replicateEffect(Effect.exit(verify(token)), 5))
      yield* TestClock.adjust("1 hour")
      const exits = yield* Fiber.join(fiber)
      assertTrue(exits.every(Exit.isFailure))
      deepStrictEqual(stale(issuer), { asked: 5 })
      strictEqual(yield* Clock.currentTimeMillis, Duration.toMillis("1 hour"))
    })
  )

  it.effect("a key that was withdrawn is not believed for more than a day", () =>
    Effect.gen(function* () {
      const { issuer, kid, verify } = yield* setUp
      const first = yield* issuer.token(kid)
      yield* verify(first)
      yield* issuer.rotate("key-2", false)
      yield* TestClock.adjust("23 hours")
      yield* verify(first)
      yield* TestClock.adjust("1 hour")
      const error = yield* Effect.flip(verify(first))
      assertTrue(error._tag === "UntrustedToken" && error.reason === "unknownKey")
      yield* verify(yield* issuer.token(kid))
    })
  )

  it.effect("trouble in fetching them says nothing about the token, and is over with the next try", () =>
    Effect.gen(function* () {
      const { issuer, kid, verify } = yield* setUp
      const token = yield* issuer.token(kid)
      yield* issuer.first("keys", new PlexUnavailable({ operation: "PlexAuth.keys", reason: "timeout" }))
      strictEqual((yield* Effect.flip(verify(token)))._tag, "PlexUnavailable")
      yield* verify(token)
    })
  )
})

describe("PlexJwt.claims", () => {
  it.effect("are those of a JWT of plex.tv, whoever signed it", () =>
    Effect.gen(function* () {
      const { issuer, kid } = yield* setUp
      const { privateKey } = yield* Effect.promise(() => generateKeyPair("EdDSA"))
      const claims = PlexJwt.claims(yield* issuer.token(kid, { privateKey, claims: { exp: 1000, user: "odd" } }))
      assertEquals(
        Option.map(claims, ({ exp }) => exp),
        Option.some(DateTime.unsafeMake(1_000_000))
      )
      assertEquals(
        Option.flatMap(claims, ({ user }) => user),
        Option.none()
      )
    })
  )

  it("a legacy token has none", () => {
    assertEquals(PlexJwt.claims(legacyToken("x")), Option.none())
  })

  it.effect("threat 4: the user's email does not show", () =>
    Effect.gen(function* () {
      const { issuer, kid } = yield* setUp
      yield* issuer.setUser({ id: 7, email: "CANARY@example.com" })
      const claims = Option.getOrThrow(PlexJwt.claims(yield* issuer.token(kid)))
      assertNotPrinted(claims, "CANARY@example.com")
      strictEqual(ClientIdentifier.make(claims.aud[1] ?? ""), clientIdentifier)
    })
  )
})
