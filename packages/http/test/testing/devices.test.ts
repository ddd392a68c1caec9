/** A simulated plex.tv and the devices that have a key. */
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ClientIdentifier, PlexAuth, PlexClientInfo, PlexJwt, SignIn } from "@plex-auth/core"
import type { AccessToken, DeviceJwt } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Fault, PlexTvSimulator } from "@plex-auth/http/testing"
import { Duration, Effect, Layer, Option, Random, Redacted, TestClock } from "effect"
import { decodeJwt, decodeProtectedHeader, generateKeyPair, importJWK, jwtVerify } from "jose"
import { createServer } from "node:http"
import { makeDevice } from "../support/device.js"
import type { Device, Signed } from "../support/device.js"

const clientIdentifier = "a-device"

const Simulator = PlexAuthHttp.layer().pipe(
  Layer.provide(PlexClientInfo.layer({ clientIdentifier, product: "A device" })),
  Layer.provideMerge(PlexTvSimulator.layerHttpClient)
)

const start = Date.parse("2026-07-24T10:00:00Z")

/** A test of a device, at a time at which there can be an earlier one. */
const simulated = <A, E>(test: Effect.Effect<A, E, PlexAuth | PlexTvSimulator | HttpClient.HttpClient>) =>
  Effect.zipRight(TestClock.setTime(start), test).pipe(Effect.provide(Simulator))

const get = <A, E>(use: (plex: PlexAuth.Service) => Effect.Effect<A, E>) => Effect.flatMap(PlexAuth, use)

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, { onFailure: ({ _tag }) => _tag, onSuccess: () => "fine" })

const createPin = (device: Device) => get((plex) => plex.createPin({ jwk: device.publicJwk }))

const look = (pinID: string, deviceJwt?: DeviceJwt) => get((plex) => plex.getToken({ pinID }, deviceJwt))

const account = (token: AccessToken) => get((plex) => plex.account(token))

/** A device whose key was registered as its PIN was claimed. */
const signedIn = Effect.gen(function* () {
  const simulator = yield* PlexTvSimulator
  const device = yield* makeDevice(clientIdentifier)
  const pin = yield* createPin(device)
  const token = yield* simulator.claim(pin.code)
  return { device, pin, simulator, token }
})

/** Exchanges what the device signs for a nonce of its own. */
const refresh = (device: Device, signed: Signed = {}) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const nonce = yield* plex.nonce
    return yield* plex.exchangeJwt(yield* device.sign({ ...signed, claims: { nonce, ...signed.claims } }))
  })

const payloadOf = (token: AccessToken) => decodeJwt(Redacted.value(token))

const kidOf = (token: AccessToken) => decodeProtectedHeader(Redacted.value(token)).kid ?? ""

const keyIds = Effect.map(
  get((plex) => plex.keys),
  (keys) => keys.map(({ kid }) => kid)
)

/** Asks as any HTTP client would. */
const ask = (method: "GET" | "POST", path: string, body?: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const { baseUrl } = yield* PlexTvSimulator
    const request = HttpClientRequest.make(method)(`${baseUrl}${path}`, {
      headers: { accept: "application/json", "x-plex-client-identifier": clientIdentifier, ...headers }
    })
    const response = yield* HttpClient.execute(
      body === undefined ? request : HttpClientRequest.bodyText(request, body, "application/json")
    )
    return { status: response.status, headers: response.headers, text: yield* response.text }
  })

const outcome = ({ status, text }: { readonly status: number; readonly text: string }) => {
  const [, code = "none", message = ""] = /"code":([0-9]+),"message":"([^"]*)"/.exec(text) ?? []
  return `${String(status)} ${code} ${message}`.trim()
}

const notSigned = "422 1008 Signature verification failed"

const forgeries = Effect.gen(function* () {
  const other = yield* makeDevice(clientIdentifier)
  const { privateKey: rsa } = yield* Effect.promise(() => generateKeyPair("RS256"))
  const day = Duration.toMillis("1 day")
  const forgedBy = (device: Device): ReadonlyArray<readonly [name: string, signed: Signed]> => [
    ["another issuer", { claims: { iss: "another-device" } }],
    ["no issuer", { claims: { iss: undefined } }],
    ["another audience", { claims: { aud: "plex.example" } }],
    ["no audience", { claims: { aud: undefined } }],
    ["no iat", { claims: { iat: undefined } }],
    ["no exp", { claims: { exp: undefined } }],
    ["a long life", { claims: { exp: start / 1000 + 301 } }],
    ["a clock ten minutes ahead", { clock: 600_000 }],
    ["a clock a day behind", { clock: -day }],
    ["the end of its life", { claims: { iat: start / 1000 - 300, exp: start / 1000 } }],
    ["another kid", { header: { kid: other.key.kid } }],
    ["no kid", { header: { kid: undefined } }],
    ["RS256", { header: { alg: "RS256" }, by: rsa }],
    ["HS256 with the public key", { header: { alg: "HS256" }, by: Buffer.from(device.key.x, "base64url") }]
  ]
  return { forgedBy, other }
})

describe("a PIN for a key", () => {
  it.effect("is read with what the device signed, and its token is for plex.tv, this device and this key", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        const device = yield* makeDevice(clientIdentifier)
        const pin = yield* createPin(device)
        assert.isTrue(Option.isNone((yield* look(pin.id, yield* device.sign())).authToken))
        const token = yield* simulator.claim(pin.code, "bob")
        const read = (yield* look(pin.id, yield* device.sign())).authToken
        assert.deepStrictEqual(Option.map(read, Redacted.value), Option.some(Redacted.value(token)))
        const { displayName, id, uuid } = yield* account(token)
        assert.strictEqual(displayName, "bob")
        const iat = start / 1000
        assert.deepStrictEqual(payloadOf(token), {
          iss: "plex.tv",
          aud: ["plex.tv", clientIdentifier],
          iat,
          exp: iat + 7 * 24 * 60 * 60,
          thumbprint: device.key.kid,
          user: { id, uuid: Option.getOrThrow(uuid) }
        })
        assert.deepInclude(decodeProtectedHeader(Redacted.value(token)), { alg: "EdDSA", typ: "JWT" })
      })
    )
  )

  it.effect("threats 5 and 16: is read by nobody else, before it is claimed and after", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        const device = yield* makeDevice(clientIdentifier)
        const { forgedBy, other } = yield* forgeries
        const pin = yield* createPin(device)
        const hostile = [
          undefined,
          yield* other.sign(),
          yield* other.sign({ header: { kid: device.key.kid } }),
          ...(yield* Effect.forEach(forgedBy(device), ([, signed]) => device.sign(signed)))
        ]
        const unread = Effect.forEach(hostile, (jwt) => tagOf(look(pin.id, jwt)))
        assert.deepStrictEqual(new Set(yield* unread), new Set(["DeviceJwtRejected"]))
        yield* simulator.claim(pin.code)
        assert.deepStrictEqual(new Set(yield* unread), new Set(["DeviceJwtRejected"]))
        for (const jwt of ["", "x", "a.b.c", "e30.e30.", "%20", "a%0d%0ab", "x".repeat(9000)]) {
          assert.strictEqual(outcome(yield* ask("GET", `/pins/${pin.id}?deviceJWT=${jwt}`)), notSigned, jwt.slice(0, 9))
        }
        assert.isTrue(Option.isSome((yield* look(pin.id, yield* device.sign())).authToken))
      })
    )
  )

  it.effect("is strong when the body says so, and a link PIN otherwise", () =>
    simulated(
      Effect.gen(function* () {
        const { publicJwk } = yield* makeDevice(clientIdentifier)
        const code = (strong: unknown, query = "") =>
          Effect.map(
            ask("POST", `/pins${query}`, JSON.stringify({ jwk: publicJwk, strong })),
            ({ text }) => /"code":"([^"]*)"/.exec(text)?.[1]?.length
          )
        assert.deepStrictEqual(
          [yield* code(true), yield* code(false), yield* code(undefined, "?strong=true")],
          [25, 4, 25]
        )
      })
    )
  )

  it.effect("case 49: is refused when its key is that of another device, and not when it is this one's", () =>
    simulated(
      Effect.gen(function* () {
        const { device } = yield* signedIn
        const jwk = device.publicJwk
        const elsewhere = get((plex) => plex.createPin({ jwk, xPlexClientIdentifier: "another-device" }))
        assert.strictEqual(yield* tagOf(elsewhere), "DeviceKeyTaken")
        assert.strictEqual(yield* tagOf(createPin(device)), "fine")
      })
    )
  )

  it.effect("threat 13: its claim ends the legacy token of the account and the device", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        const legacy = yield* Effect.flatMap(SignIn.start(), ({ code }) => simulator.claim(code))
        const { token } = yield* signedIn
        assert.deepStrictEqual([yield* tagOf(account(legacy)), yield* tagOf(account(token))], ["Unauthorized", "fine"])
      })
    )
  )

  it.effect("is claimed by its code as any other, by the user of another device", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        const plex = yield* PlexAuth
        const first = yield* SignIn.start({ xPlexClientIdentifier: "a-phone" })
        const carol = yield* simulator.claim(first.code, "carol")
        const device = yield* makeDevice(clientIdentifier)
        const pin = yield* SignIn.start({ jwk: device.publicJwk })
        yield* plex.linkPin(carol, pin.code)
        const token = Option.getOrThrow((yield* look(pin.id, yield* device.sign())).authToken)
        assert.strictEqual(payloadOf(token)["thumbprint"], device.key.kid)
        assert.strictEqual((yield* account(token)).displayName, "carol")
      })
    )
  )
})

describe("a nonce", () => {
  it.effect("is a UUID, by Effect's Random, and another each time", () =>
    simulated(
      Effect.gen(function* () {
        const { nonce } = yield* PlexAuth
        const three = Effect.withRandom(Effect.replicateEffect(nonce, 3), Random.make("nonces"))
        const nonces = [...(yield* three), yield* nonce]
        for (const each of nonces)
          assert.match(each, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        assert.strictEqual(new Set(nonces).size, 4)
        assert.deepStrictEqual(
          yield* Effect.withRandom(Effect.replicateEffect(nonce, 3), Random.make("nonces")),
          nonces.slice(0, 3)
        )
      })
    )
  )

  it.effect("case 47: is limited to twenty a minute that are not used, for each client identifier", () =>
    simulated(
      Effect.gen(function* () {
        const { device } = yield* signedIn
        const statuses = yield* Effect.replicateEffect(ask("GET", "/auth/nonce"), 21)
        assert.deepStrictEqual(
          statuses.map(({ status }) => status),
          [...Array.from({ length: 20 }, () => 200), 429]
        )
        const refused = yield* ask("GET", "/auth/nonce")
        assert.strictEqual(outcome(refused), "429 1003 Too many requests")
        assert.strictEqual(refused.headers["retry-after"], "60")
        const other = { "x-plex-client-identifier": "another-device" }
        assert.strictEqual((yield* ask("GET", "/auth/nonce", undefined, other)).status, 200)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* ask("GET", "/auth/nonce")).status, 200)
        for (let i = 0; i < 40; i += 1) yield* refresh(device)
      })
    )
  )

  it.effect("case 22: is for those who say who they are", () =>
    simulated(
      Effect.gen(function* () {
        const nobody = { "x-plex-client-identifier": "" }
        const jwt = JSON.stringify({ jwt: "a.b.c" })
        assert.match(outcome(yield* ask("GET", "/auth/nonce", undefined, nobody)), /^4(00|22) 1000 /)
        assert.match(outcome(yield* ask("POST", "/auth/token", jwt, nobody)), /^4(00|22) 1000 /)
      })
    )
  )
})

describe("an exchange", () => {
  it.effect("case 45: gives a token of seven days with the nonce, and of the account what the scope asked for", () =>
    simulated(
      Effect.gen(function* () {
        const { device } = yield* signedIn
        const { nonce } = yield* PlexAuth
        const plain = payloadOf(yield* refresh(device))
        assert.hasAllKeys(plain["user"], ["id", "uuid"])
        yield* TestClock.adjust("1 hour")
        const word = yield* nonce
        const claims = { nonce: word, scope: "username, email,friendly_name,shoe_size" }
        const token = yield* refresh(device, { claims })
        const payload = payloadOf(token)
        const iat = start / 1000 + 3600
        assert.deepInclude(payload, { nonce: word, iat, exp: iat + 604_800, thumbprint: device.key.kid })
        assert.deepInclude(payload["user"], { username: "alice", email: "alice@example.com", friendly_name: "alice" })
        assert.hasAllKeys(payload["user"], ["id", "uuid", "username", "email", "friendly_name"])
        assert.strictEqual((yield* account(token)).displayName, "alice")
      })
    )
  )

  it.effect("threat 16: is refused to whatever is not signed with this device's key, for plex.tv and just now", () =>
    simulated(
      Effect.gen(function* () {
        const { device } = yield* signedIn
        const { forgedBy, other } = yield* forgeries
        for (const [name, signed] of forgedBy(device)) {
          assert.strictEqual(yield* tagOf(refresh(device, signed)), "DeviceJwtRejected", name)
        }
        assert.strictEqual(yield* tagOf(refresh(other)), "DeviceJwtRejected")
        assert.strictEqual(yield* tagOf(refresh(other, { header: { kid: device.key.kid } })), "DeviceJwtRejected")
        assert.strictEqual(yield* tagOf(refresh(device)), "fine")
      })
    )
  )

  it.effect("case 46: allows a clock a minute ahead, and no more", () =>
    simulated(
      Effect.gen(function* () {
        const { device } = yield* signedIn
        assert.strictEqual(yield* tagOf(refresh(device, { clock: 60_000 })), "fine")
        assert.strictEqual(yield* tagOf(refresh(device, { clock: 61_000 })), "DeviceJwtRejected")
        assert.strictEqual(yield* tagOf(refresh(device, { clock: -299_000 })), "fine")
        assert.strictEqual(yield* tagOf(refresh(device, { clock: -300_000 })), "DeviceJwtRejected")
      })
    )
  )

  it.effect(
    "takes a nonce once, within five minutes, from the device that it was given to, and none that is made up",
    () =>
      simulated(
        Effect.gen(function* () {
          const { device } = yield* signedIn
          const plex = yield* PlexAuth
          const exchange = (nonce: string | undefined) =>
            Effect.flatMap(device.sign({ claims: { nonce } }), (jwt) => tagOf(plex.exchangeJwt(jwt)))
          const once = yield* plex.nonce
          assert.deepStrictEqual([yield* exchange(once), yield* exchange(once)], ["fine", "DeviceJwtRejected"])
          const [late, timely] = [yield* plex.nonce, yield* plex.nonce]
          yield* TestClock.adjust("299 seconds")
          assert.strictEqual(yield* exchange(timely), "fine")
          const other = yield* ask("GET", "/auth/nonce", undefined, { "x-plex-client-identifier": "another-device" })
          const others = /"nonce":"([^"]*)"/.exec(other.text)?.[1]
          assert.isDefined(others)
          yield* TestClock.adjust("1 second")
          for (const nonce of [late, others, "made-up", "", undefined]) {
            assert.strictEqual(yield* exchange(nonce), "DeviceJwtRejected", nonce)
          }
        })
      )
  )

  it.effect("of nothing is a malformed request, of nonsense is not signed, and of an unknown device neither", () =>
    simulated(
      Effect.gen(function* () {
        for (const body of [
          "",
          "{}",
          '{"jwt":""}',
          '{"jwt":7}',
          '{"jwt":null}',
          "null",
          "[]",
          '"a.b.c"',
          "{",
          "jwt=a.b.c"
        ]) {
          assert.match(outcome(yield* ask("POST", "/auth/token", body)), /^400 1004 /, body)
        }
        const device = yield* makeDevice(clientIdentifier)
        assert.strictEqual(yield* tagOf(refresh(device)), "DeviceJwtRejected")
        yield* signedIn
        for (const jwt of ["x", "a.b.c", "e30.e30.", "e30.e30.e30", " ", "é", "x".repeat(9000)]) {
          assert.strictEqual(
            outcome(yield* ask("POST", "/auth/token", JSON.stringify({ jwt }))),
            notSigned,
            jwt.slice(0, 9)
          )
        }
      })
    )
  )
})

describe("registering a key", () => {
  const legacyToken = Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    return yield* Effect.flatMap(SignIn.start(), ({ code }) => simulator.claim(code, "bob"))
  })

  it.effect("threat 13: leaves the legacy token good until the first exchange, and may be done again", () =>
    simulated(
      Effect.gen(function* () {
        const plex = yield* PlexAuth
        const legacy = yield* legacyToken
        const device = yield* makeDevice(clientIdentifier)
        yield* plex.registerKey(legacy, device.publicJwk)
        yield* plex.registerKey(legacy, device.publicJwk)
        assert.strictEqual((yield* account(legacy)).displayName, "bob")
        assert.strictEqual(yield* tagOf(refresh(device, { claims: { iss: "another-device" } })), "DeviceJwtRejected")
        assert.strictEqual((yield* account(legacy)).displayName, "bob")
        const token = yield* refresh(device)
        assert.strictEqual((yield* account(token)).displayName, "bob")
        assert.strictEqual(yield* tagOf(account(legacy)), "Unauthorized")
      })
    )
  )

  it.effect("case 49: is refused with a key that another device has, without a token, and without a key", () =>
    simulated(
      Effect.gen(function* () {
        const plex = yield* PlexAuth
        const simulator = yield* PlexTvSimulator
        const { device } = yield* signedIn
        const pin = yield* SignIn.start({ xPlexClientIdentifier: "another-device" })
        const legacy = yield* simulator.claim(pin.code)
        const register = (token: AccessToken) => tagOf(plex.registerKey(token, device.publicJwk))
        assert.strictEqual(yield* register(legacy), "DeviceKeyTaken")
        const held = { "x-plex-token": Redacted.value(legacy) }
        const body = JSON.stringify({ jwk: device.publicJwk })
        assert.strictEqual(outcome(yield* ask("POST", "/auth/jwk", body, held)), "422 1998 Thumbprint already taken")
        assert.match(outcome(yield* ask("POST", "/auth/jwk", body)), /^401 1001 /)
        assert.match(outcome(yield* ask("POST", "/auth/jwk", "{}", held)), /^400 1004 /)
        yield* simulator.revoke(legacy)
        assert.strictEqual(yield* register(legacy), "Unauthorized")
      })
    )
  )
})

describe("a token for a key", () => {
  const everywhere = (token: AccessToken) =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const { publicJwk } = yield* makeDevice(clientIdentifier)
      const pin = yield* SignIn.start({ xPlexClientIdentifier: "another-device" })
      return new Set([
        yield* tagOf(plex.account(token)),
        yield* tagOf(plex.ping(token)),
        yield* tagOf(plex.resources(token)),
        yield* tagOf(plex.homeUsers(token)),
        yield* tagOf(plex.linkPin(token, pin.code)),
        yield* tagOf(plex.registerKey(token, publicJwk)),
        yield* tagOf(plex.signOut(token))
      ])
    })

  it.effect("case 48: is good for each operation for seven days, then answers 498, and is refreshed after that", () =>
    simulated(
      Effect.gen(function* () {
        const { device, token } = yield* signedIn
        yield* TestClock.adjust(Duration.subtract("7 days", "1 second"))
        assert.strictEqual(yield* tagOf(account(token)), "fine")
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* everywhere(token), new Set(["TokenExpired"]))
        const raw = yield* ask("GET", "/user", undefined, { "x-plex-token": Redacted.value(token) })
        assert.match(outcome(raw), /^498 [0-9]+ \S+/)
        yield* TestClock.adjust("365 days")
        assert.deepStrictEqual(yield* everywhere(yield* refresh(device)), new Set(["fine"]))
      })
    )
  )

  it.effect("answers 401 when it was revoked, signed out, or signed by nobody", () =>
    simulated(
      Effect.gen(function* () {
        const { device, simulator, token } = yield* signedIn
        yield* simulator.revoke(token)
        assert.deepStrictEqual(yield* everywhere(token), new Set(["Unauthorized"]))
        const next = yield* refresh(device)
        yield* get((plex) => plex.signOut(next))
        assert.deepStrictEqual(yield* everywhere(next), new Set(["Unauthorized"]))
        yield* TestClock.adjust("8 days")
        assert.strictEqual(yield* tagOf(account(next)), "Unauthorized")
      })
    )
  )
})

describe("plex.tv's keys", () => {
  it.effect("case 50: have that which signed in them, and one that is to be skipped", () =>
    simulated(
      Effect.gen(function* () {
        const { token } = yield* signedIn
        const keys = yield* get((plex) => plex.keys)
        assert.lengthOf(keys, 1)
        const [key] = keys
        assert.isDefined(key)
        assert.strictEqual(kidOf(token), key.kid)
        const verified = yield* Effect.promise(async () =>
          jwtVerify(Redacted.value(token), await importJWK({ kty: key.kty, crv: key.crv, x: key.x }, "EdDSA"), {
            currentDate: new Date(start)
          })
        )
        assert.strictEqual(verified.payload.iss, "plex.tv")
        const { text } = yield* ask("GET", "/auth/keys")
        assert.match(text, /"kty":"RSA"/)
        assert.notMatch(text, /"d":/)
      })
    )
  )

  it.effect("case 50: rotate: the one before stays listed, and the one before that does not", () =>
    simulated(
      Effect.gen(function* () {
        const { device, simulator, token } = yield* signedIn
        const first = kidOf(token)
        yield* simulator.rotateKeys
        assert.include(yield* keyIds, first)
        const second = kidOf(yield* refresh(device))
        assert.notStrictEqual(second, first)
        assert.sameMembers([...(yield* keyIds)], [first, second])
        yield* simulator.rotateKeys
        const third = kidOf(yield* refresh(device))
        assert.sameMembers([...(yield* keyIds)], [second, third])
      })
    )
  )

  it.effect("rotate before anything was signed, too, and nothing that was issued ends with it", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        yield* simulator.rotateKeys
        const { token } = yield* signedIn
        assert.deepStrictEqual(yield* keyIds, [kidOf(token)])
        yield* Effect.repeatN(simulator.rotateKeys, 2)
        assert.strictEqual(yield* tagOf(account(token)), "fine")
      })
    )
  )

  it.effect("case 45: what they signed is what PlexJwt verifies", () =>
    simulated(
      Effect.gen(function* () {
        const { device, simulator, token } = yield* signedIn
        yield* simulator.rotateKeys
        const about = { clientIdentifier: ClientIdentifier.make(clientIdentifier), thumbprint: device.key.kid }
        for (const each of [token, yield* refresh(device)]) {
          assert.strictEqual((yield* PlexJwt.verify(each, about)).thumbprint, device.key.kid)
        }
        yield* simulator.rotateKeys
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* tagOf(PlexJwt.verify(yield* refresh(device), about)), "fine")
      })
    )
  )
})

describe("the clock of the simulated plex.tv", () => {
  const dateOf = (path: string) =>
    Effect.map(ask("GET", path), ({ headers }) => Date.parse(headers["date"] ?? "") - start)

  it.effect("case 46: is in the Date of each answer, a fault's too, and moves with Effect's", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        assert.strictEqual(yield* dateOf("/auth/nonce"), 0)
        yield* simulator.setClockOffset(600_000)
        yield* simulator.script(
          Fault.status(503),
          Fault.status(200, { headers: { date: "Fri, 24 Jul 2026 09:00:00 GMT" } })
        )
        assert.strictEqual(yield* dateOf("/auth/nonce"), 600_000)
        assert.strictEqual(yield* dateOf("/auth/nonce"), -3_600_000)
        assert.strictEqual(yield* dateOf("/user"), 600_000)
        assert.strictEqual(yield* dateOf("/pins/1"), 600_000)
        assert.strictEqual(yield* dateOf("/nowhere"), 600_000)
        yield* simulator.setClockOffset(-86_400_000)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(yield* dateOf("/auth/nonce"), 3_600_000 - 86_400_000)
      })
    )
  )

  it.effect("case 46: is what the client says it is, and what a device has to sign by", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        const { clockOffset } = yield* PlexAuth
        const device = yield* makeDevice(clientIdentifier)
        for (const offset of [-600_000, 600_000]) {
          yield* simulator.setClockOffset(offset)
          const pin = yield* createPin(device)
          assert.strictEqual(yield* clockOffset, offset)
          const token = yield* simulator.claim(pin.code)
          const iat = (start + offset) / 1000
          assert.deepInclude(payloadOf(token), { iat, exp: iat + 604_800 })
          assert.strictEqual(yield* tagOf(look(pin.id, yield* device.sign())), "DeviceJwtRejected")
          assert.strictEqual(yield* tagOf(look(pin.id, yield* device.sign({ clock: offset }))), "fine")
          assert.strictEqual(yield* tagOf(refresh(device)), "DeviceJwtRejected")
          assert.strictEqual(yield* tagOf(refresh(device, { clock: offset })), "fine")
        }
      })
    )
  )

  it.effect("case 20: does not make a PIN live longer, or shorter", () =>
    simulated(
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        for (const offset of [-86_400_000, 0, 86_400_000]) {
          yield* simulator.setClockOffset(offset)
          const pin = yield* SignIn.start()
          assert.strictEqual(Duration.toSeconds(pin.expiresIn), 900)
          yield* TestClock.adjust("899 seconds")
          assert.strictEqual(yield* tagOf(look(pin.id)), "fine")
          yield* TestClock.adjust("1 second")
          assert.strictEqual(yield* tagOf(look(pin.id)), "PinNotFound")
        }
      })
    )
  )
})

it.effect("threats 4 and 5: nothing that is recorded of a request has a token in it, or what a device signed", () =>
  simulated(
    Effect.gen(function* () {
      const { device, pin, simulator, token } = yield* signedIn
      const signed = yield* device.sign()
      yield* look(pin.id, signed)
      yield* get((plex) => plex.registerKey(token, device.publicJwk))
      const next = yield* refresh(device)
      yield* account(next)
      const requests = yield* simulator.requests
      assert.deepStrictEqual(
        requests.map(({ method, path, query }) => [`${method} ${path}`, query]),
        [
          ["POST /api/v2/pins", {}],
          [`GET /api/v2/pins/${pin.id}`, {}],
          ["POST /api/v2/auth/jwk", {}],
          ["GET /api/v2/auth/nonce", {}],
          ["POST /api/v2/auth/token", {}],
          ["GET /api/v2/user", {}]
        ]
      )
      const shown = JSON.stringify(requests)
      for (const secret of [Redacted.value(signed), ...[token, next].map(Redacted.value)]) {
        assert.notInclude(shown, secret)
      }
      assert.notInclude(shown, device.key.x)
    })
  )
)

it.scoped("behind a socket the Date is that of the simulated clock too, once", () =>
  Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    const headers = { accept: "application/json", "x-plex-client-identifier": clientIdentifier }
    const dates = (path: string) =>
      Effect.promise(async () => {
        const response = await fetch(`${simulator.baseUrl}${path}`, { headers })
        await response.arrayBuffer()
        return response.headers.get("date")
      })
    assert.strictEqual(yield* dates("/auth/keys"), "Thu, 01 Jan 1970 00:00:00 GMT")
    yield* simulator.setClockOffset(start)
    assert.strictEqual(yield* dates("/auth/nonce"), "Fri, 24 Jul 2026 10:00:00 GMT")
    assert.strictEqual(yield* dates("/user"), "Fri, 24 Jul 2026 10:00:00 GMT")
  }).pipe(
    Effect.provide(
      PlexTvSimulator.layerServer.pipe(
        Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
        Layer.orDie
      )
    )
  )
)
