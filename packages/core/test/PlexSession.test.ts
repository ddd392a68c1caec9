import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  CredentialStore,
  Credentials,
  DeviceKeyTaken,
  PlexJwt,
  PlexSession,
  PlexUnavailable,
  RateLimited,
  Unauthorized
} from "@plex-auth/core"
import type { AccessToken, PlexAuth } from "@plex-auth/core"
import {
  Cause,
  Clock,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Either,
  Exit,
  Fiber,
  Layer,
  Logger,
  Option,
  Redacted,
  TestClock
} from "effect"
import { join } from "node:path"
import { expired, makeIssuer } from "./issuer.js"
import type { Forged } from "./issuer.js"
import { alice, bob, clientIdentifier } from "./storeSamples.js"
import { openFile, temporaryFolder } from "./storeSupport.js"
import { asleep, assertBetween, assertNotPrinted, drive, unavailable } from "./support.js"

const start = 1_800_000_000_000

const day = Duration.toMillis("1 day")

/** Alice is signed in on this device, since just now, with a token that lives for seven days. */
const setUp = (options: { readonly forged?: Forged; readonly store?: CredentialStore.Service } = {}) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(start)
    const issuer = yield* makeIssuer
    const store = options.store ?? (yield* Effect.provide(CredentialStore, CredentialStore.layerMemory))
    const key = yield* store.deviceKey
    yield* issuer.register(key.publicJwk)
    const first = yield* issuer.token(key.kid, options.forged)
    yield* store.save(new Credentials({ ...alice, token: first }))
    const stored = Layer.succeed(CredentialStore, store)
    const open = (given: PlexSession.Options = {}, members: Partial<PlexAuth.Service> = {}) =>
      Layer.build(PlexSession.layer(given)).pipe(
        Effect.map((context) => ({ session: context })),
        Effect.provide(Layer.merge(issuer.with(members), stored)),
        Effect.flatMap(({ session }) => Effect.provide(PlexSession, session))
      )
    return { issuer, store, key, first, open, stored }
  })

const logged = () => {
  const lines: Array<string> = []
  const logger = Logger.make(({ cause, logLevel, message }) => {
    lines.push(`${logLevel._tag} ${String(message)} ${Cause.pretty(cause)}`)
  })
  return { lines, layer: Logger.replace(Logger.defaultLogger, logger) }
}

const isSame = (a: AccessToken, b: AccessToken) => Redacted.value(a) === Redacted.value(b)

describe("PlexSession.token", () => {
  it.scoped("is that of the store while it lives for longer than a day, and sends nothing", () =>
    Effect.gen(function* () {
      const { first, issuer, open } = yield* setUp()
      const session = yield* open()
      assertEquals(yield* session.token, first)
      yield* TestClock.adjust(6 * day - 1000)
      assertEquals(yield* session.token, first)
      deepStrictEqual(issuer.asked, [])
    })
  )

  it.scoped(
    "case 45: is refreshed a day before it ends, by what the device signs: kid, nonce, scope, aud, iss, 5 min",
    () =>
      Effect.gen(function* () {
        const { first, issuer, key, open, store } = yield* setUp()
        const session = yield* open({ scope: ["username", "friendly_name"] })
        yield* TestClock.adjust(6 * day)
        const second = yield* session.token
        assertTrue(!isSame(first, second))
        deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt", "keys"])
        deepStrictEqual(issuer.headers, [{ alg: "EdDSA", typ: "JWT", kid: key.kid }])
        const now = (start + 6 * day) / 1000
        deepStrictEqual(issuer.deviceJwts, [
          {
            nonce: "nonce-1",
            scope: "username,friendly_name",
            iss: clientIdentifier,
            aud: "plex.tv",
            iat: now,
            exp: now + 300
          }
        ])
        const [stored] = yield* store.credentials
        assertEquals(stored, new Credentials({ ...alice, token: second }))
        assertEquals(yield* store.issued, Option.none())
        assertEquals(yield* session.token, second)
        strictEqual(issuer.count("exchangeJwt"), 1)
      })
  )

  it.scoped("refreshes as far ahead as it is told", () =>
    Effect.gen(function* () {
      const { first, open } = yield* setUp()
      const session = yield* open({ refreshAhead: "1 hour" })
      yield* TestClock.adjust(7 * day - 3_601_000)
      assertEquals(yield* session.token, first)
      yield* TestClock.adjust(1000)
      assertTrue(!isSame(yield* session.token, first))
    })
  )

  it.scoped("case 48: a hundred callers at its end are one exchange", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(7 * day)
      const tokens = yield* Effect.all(Effect.replicate(session.token, 100), { concurrency: "unbounded" })
      strictEqual(new Set(tokens.map(Redacted.value)).size, 1)
      deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt", "keys"])
    })
  )

  it.scoped("who asked first may leave: the others get their token", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(7 * day)
      const reached = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      yield* issuer.first("nonce", Effect.zipRight(Deferred.succeed(reached, undefined), Deferred.await(goOn)))
      const first = yield* Effect.fork(session.token)
      yield* Deferred.await(reached)
      const second = yield* Effect.fork(session.token)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(second)
      strictEqual(issuer.count("exchangeJwt"), 1)
    })
  )

  it.effect("whoever asks after the layer is gone is interrupted, and does not wait for ever", () =>
    Effect.gen(function* () {
      const { open } = yield* setUp()
      const session = yield* Effect.scoped(open())
      yield* TestClock.adjust(7 * day)
      const exit = yield* Effect.exit(Effect.fork(session.token).pipe(Effect.flatMap(Fiber.join)))
      assertTrue(Exit.isInterrupted(exit))
    })
  )

  it.scoped("whoever has another account's token does not get this one's refresh", () =>
    Effect.gen(function* () {
      const { issuer, key, open, store } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(7 * day)
      const [reached, goOn] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      yield* issuer.first("nonce", Effect.zipRight(Deferred.succeed(reached, undefined), Deferred.await(goOn)))
      const first = yield* Effect.fork(Effect.exit(session.token))
      yield* Deferred.await(reached)
      const ofBob = yield* issuer.token(key.kid, { claims: { exp: start / 1000, user: { id: bob.account.id } } })
      yield* store.save(new Credentials({ ...bob, token: ofBob }))
      const second = yield* Effect.fork(Effect.either(session.token))
      yield* Deferred.succeed(goOn, undefined)
      const came = yield* drive(Fiber.join(second))
      assertTrue(Either.isLeft(came) && came.left._tag === "UntrustedToken", "the key is alice's")
      yield* drive(Fiber.join(first))
    })
  )

  it.scoped("a hundred callers who fail are one exchange too, and ten seconds later there is another", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(7 * day)
      yield* issuer.first("exchangeJwt", new Unauthorized({ operation: "PlexAuth.exchangeJwt", status: 401 }))
      const exits = yield* Effect.all(Effect.replicate(Effect.exit(session.token), 100), { concurrency: "unbounded" })
      assertTrue(exits.every(Exit.isFailure))
      strictEqual((yield* Effect.flip(session.token))._tag, "Unauthorized")
      strictEqual(issuer.count("exchangeJwt"), 1)
      yield* TestClock.adjust("10 seconds")
      yield* session.token
      strictEqual(issuer.count("exchangeJwt"), 2)
    })
  )

  it.scoped("trouble does not show while the token lives, and is logged", () =>
    Effect.gen(function* () {
      const { first, issuer, open } = yield* setUp()
      const { layer, lines } = logged()
      const session = yield* open()
      yield* TestClock.adjust(6 * day)
      yield* issuer.first("nonce", ...Array.from({ length: 3 }, () => unavailable({ operation: "PlexAuth.nonce" })))
      const token = yield* drive(Effect.provide(session.token, layer))
      assertEquals(token, first)
      strictEqual(issuer.count("nonce"), 3)
      strictEqual(lines.length, 1)
      assertTrue(lines[0]?.startsWith("Warning The token of Plex could not be refreshed. ") === true)
      assertEquals(yield* session.token, first)
      strictEqual(issuer.count("nonce"), 3)
      yield* TestClock.adjust("10 seconds")
      assertTrue(!isSame(yield* session.token, first))
    })
  )

  it.scoped("case 47: nothing is exchanged without a nonce, and a 429's Retry-After is honoured", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(7 * day)
      const limited = (retryAfter: Duration.DurationInput) =>
        new RateLimited({ operation: "PlexAuth.nonce", status: 429, retryAfter: Duration.decode(retryAfter) })
      yield* issuer.first("nonce", limited("30 seconds"))
      const before = yield* Clock.currentTimeMillis
      yield* drive(session.token)
      assertBetween((yield* Clock.currentTimeMillis) - before, 30_000, 31_000)
      deepStrictEqual(issuer.asked, ["nonce", "nonce", "exchangeJwt", "keys"])
      yield* TestClock.adjust(7 * day)
      yield* issuer.first("nonce", limited("1 hour"))
      strictEqual((yield* Effect.flip(session.token))._tag, "RateLimited")
      yield* TestClock.adjust("59 minutes")
      strictEqual((yield* Effect.flip(session.token))._tag, "RateLimited")
      strictEqual(issuer.count("nonce"), 3)
      yield* TestClock.adjust("1 minute")
      yield* session.token
      strictEqual(issuer.count("exchangeJwt"), 2)
    })
  )

  it.scoped("a fault of the exchange is tried again with a new nonce", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(7 * day)
      yield* issuer.first("exchangeJwt", unavailable({ operation: "PlexAuth.exchangeJwt" }))
      yield* drive(session.token)
      deepStrictEqual(
        issuer.deviceJwts.map(({ nonce }) => nonce),
        ["nonce-2"]
      )
    })
  )

  it.scoped("trouble with plex.tv's keys does not lose the token that was just issued", () =>
    Effect.gen(function* () {
      const { issuer, open, store } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(7 * day)
      yield* issuer.first("keys", new PlexUnavailable({ operation: "PlexAuth.keys", reason: "timeout" }))
      strictEqual((yield* Effect.flip(session.token))._tag, "PlexUnavailable")
      const issued = Option.getOrThrow(yield* store.issued)
      yield* TestClock.adjust("10 seconds")
      assertEquals(yield* session.token, issued.token)
      deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt", "keys", "keys"])
      assertEquals(yield* store.issued, Option.none())
    })
  )

  it.scoped.each([-10, 10])(
    "case 46: a clock that is %s minutes ahead is allowed for at the first try, and reported",
    (minutes) =>
      Effect.gen(function* () {
        const { issuer, open } = yield* setUp()
        const { layer, lines } = logged()
        const session = yield* open()
        yield* issuer.setOffset(-minutes * 60_000)
        yield* TestClock.adjust(7 * day)
        yield* Effect.provide(session.refresh(), layer)
        deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt", "keys"])
        strictEqual(issuer.deviceJwts[0]?.iat, (start + 7 * day) / 1000 - minutes * 60)
        strictEqual(lines.length, 1)
        assertTrue(
          lines[0]?.includes(`is 10m ${minutes > 0 ? "ahead of" : "behind"} that of plex.tv`) === true,
          lines[0]
        )
        strictEqual((yield* session.status).clockCorrection, -minutes * 60_000)
      })
  )

  it.scoped("case 46: what the refusal itself tells of the clock is worth a second try, and no third", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      // The answer with the nonce had no Date.
      const clockOffset = Effect.sync(() => (issuer.count("exchangeJwt") === 0 ? 0 : -600_000))
      yield* issuer.setOffset(-600_000)
      const session = yield* open({}, { clockOffset })
      yield* session.refresh()
      deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt", "nonce", "exchangeJwt", "keys"])
      yield* issuer.register(undefined)
      strictEqual((yield* Effect.flip(session.refresh()))._tag, "DeviceJwtRejected")
      strictEqual(issuer.count("exchangeJwt"), 3)
    })
  )

  it.scoped("case 46: whether it has ended goes by plex.tv's clock", () =>
    Effect.gen(function* () {
      const { first, issuer, open } = yield* setUp()
      const session = yield* open()
      yield* TestClock.adjust(6 * day - 1000)
      assertEquals(yield* session.token, first)
      yield* issuer.setOffset(-3_600_000)
      yield* TestClock.adjust(3_600_000)
      assertEquals(yield* session.token, first)
      yield* TestClock.adjust(1000)
      assertTrue(!isSame(yield* session.token, first))
    })
  )

  it.scoped.each([
    { days: 2, direction: "behind" },
    { days: -400, direction: "ahead" }
  ])("a clock $direction by more than a day is its own error, without a loop", ({ days, direction }) =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      const session = yield* open()
      yield* issuer.setOffset(days * day)
      const error = yield* Effect.flip(session.refresh())
      assertTrue(error._tag === "ClockWrong" && error.direction === direction)
      deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt"])
    })
  )

  it.scoped(
    "case 49: a key that is not registered, and one that is taken, are told apart; no loop, and no new key",
    () =>
      Effect.gen(function* () {
        const { issuer, key, open, store } = yield* setUp()
        yield* issuer.register(undefined)
        const rejected = yield* Effect.flip((yield* open()).refresh())
        strictEqual(rejected._tag, "DeviceJwtRejected")
        const taken = new DeviceKeyTaken({ operation: "PlexAuth.exchangeJwt", status: 422 })
        const other = yield* open({}, { exchangeJwt: () => Effect.fail(taken) })
        assertEquals(yield* Effect.flip(other.refresh()), taken)
        deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt", "nonce"])
        assertEquals(yield* store.deviceKey, key)
      })
  )

  it.scoped("a token for a key that the store has lost is not exchanged by another key", () =>
    Effect.gen(function* () {
      const { issuer, open, store } = yield* setUp()
      yield* store.forgetDeviceKey
      const error = yield* Effect.flip((yield* open()).refresh())
      assertTrue(error._tag === "UntrustedToken" && error.reason === "thumbprint")
      deepStrictEqual(issuer.asked, [])
    })
  )

  it.scoped("threat 13: a token of another user does not take this one's place", () =>
    Effect.gen(function* () {
      const { first, issuer, open, store } = yield* setUp()
      yield* issuer.setUser({ id: bob.account.id })
      const error = yield* Effect.flip((yield* open()).refresh())
      assertTrue(error._tag === "UntrustedToken" && error.reason === "user")
      assertEquals((yield* store.credentials)[0]?.token, first)
      assertEquals(yield* store.issued, Option.none())
    })
  )

  it.scoped("without credentials, or none of that account, nobody is signed in", () =>
    Effect.gen(function* () {
      const { issuer, open, store } = yield* setUp()
      strictEqual((yield* Effect.flip((yield* open({ account: 99 })).token))._tag, "NotSignedIn")
      yield* store.save(bob)
      const session = yield* open({ account: alice.account.id })
      assertEquals((yield* session.status).account, alice.account)
      yield* store.remove(alice.account.id)
      strictEqual((yield* Effect.flip(session.status))._tag, "NotSignedIn")
      strictEqual((yield* Effect.flip(session.refresh()))._tag, "NotSignedIn")
      deepStrictEqual(issuer.asked, [])
    })
  )
})

describe("PlexSession.withToken", () => {
  const server = (valid: () => boolean) => {
    const seen: Array<string> = []
    return {
      seen,
      use: (token: AccessToken) =>
        Effect.suspend(() => {
          seen.push(Redacted.value(token))
          return valid() ? Effect.succeed("answer") : Effect.fail(expired)
        })
    }
  }

  it.scoped("case 48: ten requests that get a 498 are one refresh, and each is sent once more", () =>
    Effect.gen(function* () {
      const { first, issuer, open } = yield* setUp()
      const session = yield* open()
      const { seen, use } = server(() => seen.length > 10)
      const answers = yield* Effect.all(Effect.replicate(session.withToken(use), 10), { concurrency: "unbounded" })
      deepStrictEqual(new Set(answers), new Set(["answer"]))
      strictEqual(seen.length, 20)
      assertTrue(seen.slice(0, 10).every((token) => token === Redacted.value(first)))
      strictEqual(new Set(seen.slice(10)).size, 1)
      assertTrue(seen[10] !== seen[0])
      strictEqual(issuer.count("exchangeJwt"), 1)
    })
  )

  it.scoped("case 48: a second 498 is the result", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* setUp()
      const { seen, use } = server(() => false)
      const error = yield* Effect.flip((yield* open()).withToken(use))
      strictEqual(error, expired)
      deepStrictEqual([seen.length, issuer.count("exchangeJwt")], [2, 1])
    })
  )

  it.scoped("another error is the result at once, and a legacy token can't be refreshed", () =>
    Effect.gen(function* () {
      const { issuer, open, store } = yield* setUp()
      const session = yield* open()
      strictEqual(yield* Effect.flip(session.withToken(() => Effect.fail("mine" as const))), "mine")
      yield* store.save(alice)
      const { seen, use } = server(() => false)
      strictEqual(yield* Effect.flip(session.withToken(use)), expired)
      strictEqual(seen.length, 1)
      deepStrictEqual(issuer.asked, ["ping"])
    })
  )
})

describe("PlexSession with a legacy token", () => {
  const legacy = Effect.gen(function* () {
    const { store, ...rest } = yield* setUp()
    yield* store.save(alice)
    return { store, ...rest }
  })

  it.scoped("verifies it at the first use and keeps it from lapsing once a day", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* legacy
      const session = yield* open()
      yield* Effect.all(Effect.replicate(session.token, 50), { concurrency: "unbounded" })
      strictEqual(issuer.count("ping"), 1)
      for (let hour = 0; hour < 72; hour++) {
        assertEquals(yield* session.token, alice.token)
        yield* TestClock.adjust("1 hour")
      }
      strictEqual(issuer.count("ping"), 3)
      deepStrictEqual(yield* session.status, {
        account: alice.account,
        kind: "legacy",
        expiresAt: Option.none(),
        clockCorrection: 0
      })
    })
  )

  it.scoped("a hundred callers with one that was taken back are one ping, and ten seconds later there is another", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* legacy
      const gone = new Unauthorized({ operation: "PlexAuth.ping", status: 401 })
      yield* issuer.first("ping", gone, gone)
      const session = yield* open()
      const exits = yield* Effect.all(Effect.replicate(Effect.exit(session.token), 100), { concurrency: "unbounded" })
      assertTrue(exits.every(Exit.isFailure))
      strictEqual(issuer.count("ping"), 1)
      yield* TestClock.adjust("10 seconds")
      assertEquals(yield* Effect.flip(session.token), gone)
      strictEqual(issuer.count("ping"), 2)
    })
  )

  it.scoped("one that was taken back is an error each time; that it can't be asked is none", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* legacy
      const gone = new Unauthorized({ operation: "PlexAuth.ping", status: 401 })
      yield* issuer.first("ping", unavailable({ operation: "PlexAuth.ping" }), gone, gone)
      const session = yield* open()
      assertEquals(yield* session.token, alice.token)
      assertEquals(yield* session.token, alice.token)
      yield* TestClock.adjust("10 seconds")
      assertEquals(yield* Effect.flip(session.token), gone)
      assertEquals(yield* Effect.flip(session.token), gone)
    })
  )

  it.scoped("refuses to refresh it, and says what makes one that can be", () =>
    Effect.gen(function* () {
      const { issuer, open } = yield* legacy
      const error = yield* Effect.flip((yield* open()).refresh())
      strictEqual(error._tag, "InvalidRequest")
      assertTrue(error.message.includes("SignIn.upgrade"))
      deepStrictEqual(issuer.asked, [])
    })
  )
})

describe("PlexSession in the background", () => {
  it.scoped("over nine days nobody ever waits for a token, though plex.tv's keys change", () =>
    Effect.gen(function* () {
      const { issuer, stored } = yield* setUp()
      const context = yield* Layer.build(PlexSession.layerBackground()).pipe(
        Effect.provide(Layer.merge(issuer.layer, stored))
      )
      const session = yield* Effect.provide(PlexSession, context)
      for (let hour = 0; hour < 9 * 24; hour += 4) {
        if (hour % 40 === 20) yield* issuer.rotate(`key-of-hour-${hour}`, false)
        yield* drive(Effect.sleep("4 hours"))
        yield* asleep
        const asked = issuer.asked.length
        const token = yield* session.token
        strictEqual(issuer.asked.length, asked)
        const { exp } = Option.getOrThrow(PlexJwt.claims(token))
        assertTrue(DateTime.toEpochMillis(exp) > (yield* Clock.currentTimeMillis) + Duration.toMillis("19 hours"))
      }
      strictEqual(issuer.count("exchangeJwt"), 1)
    })
  )

  it.scoped("ends with its scope, and waits for somebody to sign in", () =>
    Effect.gen(function* () {
      const { issuer, store, stored } = yield* setUp()
      yield* store.remove(alice.account.id)
      const { layer, lines } = logged()
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* Layer.build(PlexSession.layerBackground()).pipe(Effect.provide(Layer.merge(issuer.layer, stored)))
          yield* TestClock.adjust("1 hour")
          deepStrictEqual(issuer.asked, [])
          yield* store.save(alice)
          yield* TestClock.adjust("1 hour")
          deepStrictEqual(issuer.asked, ["ping"])
        })
      ).pipe(Effect.provide(layer))
      deepStrictEqual(lines, [])
      yield* TestClock.adjust("3 days")
      deepStrictEqual(issuer.asked, ["ping"])
      assertEquals([...(yield* TestClock.sleeps())].length, 0)
    })
  )
})

describe("PlexSession among processes", () => {
  it.scoped("several over one store refresh a token once", () =>
    Effect.gen(function* () {
      const path = join(yield* temporaryFolder, "plex.json")
      const { first, issuer, open } = yield* setUp({ store: yield* openFile(path) })
      const others = yield* Effect.replicateEffect(openFile(path), 4)
      const sessions = yield* Effect.forEach(others, (other) =>
        Layer.build(PlexSession.layer()).pipe(
          Effect.provide(Layer.merge(issuer.layer, Layer.succeed(CredentialStore, other))),
          Effect.flatMap((context) => Effect.provide(PlexSession, context))
        )
      )
      yield* TestClock.adjust(7 * day)
      const all = [yield* open(), ...sessions]
      const tokens = yield* drive(
        Effect.all(
          all.map(({ token }) => token),
          { concurrency: "unbounded" }
        )
      )
      strictEqual(new Set(tokens.map(Redacted.value)).size, 1)
      assertTrue(!tokens.some((token) => isSame(token, first)))
      strictEqual(issuer.count("exchangeJwt"), 1)
    })
  )

  it.scoped("the turn of one that was killed is over after a minute", () =>
    Effect.gen(function* () {
      const { issuer, open, store } = yield* setUp()
      assertTrue(yield* store.takeTurn("who was killed", "1 minute"))
      yield* TestClock.adjust("30 seconds")
      const before = yield* Clock.currentTimeMillis
      yield* drive((yield* open()).refresh())
      assertBetween((yield* Clock.currentTimeMillis) - before, 30_000, 31_000)
      strictEqual(issuer.count("exchangeJwt"), 1)
      assertTrue(yield* store.takeTurn("another one", "1 minute"))
    })
  )

  it.scoped("a clock that was set back does not make a turn endless", () =>
    Effect.gen(function* () {
      const { open, store } = yield* setUp()
      yield* TestClock.adjust("1 hour")
      yield* store.takeTurn("who was killed", "1 minute")
      yield* TestClock.setTime(start)
      yield* (yield* open()).refresh()
      strictEqual(yield* Clock.currentTimeMillis, start)
    })
  )

  it.scoped.each(["nonce", "exchangeJwt", "keys"] as const)(
    "case 43: killed in %s, the next run gets the token",
    (step) =>
      Effect.gen(function* () {
        const { first, issuer, open, store } = yield* setUp()
        yield* TestClock.adjust(7 * day)
        const reached = yield* Deferred.make<void>()
        yield* issuer.first(step, Effect.zipRight(Deferred.succeed(reached, undefined), Effect.never))
        yield* Effect.scoped(
          Effect.gen(function* () {
            const session = yield* open()
            yield* Effect.fork(session.token)
            yield* Deferred.await(reached)
          })
        )
        assertEquals((yield* store.credentials)[0]?.token, first)
        const token = yield* drive(Effect.flatMap(open(), (session) => session.token))
        assertTrue(!isSame(token, first))
        strictEqual(issuer.issued.length, 1)
      })
  )

  it.scoped("case 43: interrupted between the answer and the store, it stores the token all the same", () =>
    Effect.gen(function* () {
      const { issuer, store } = yield* setUp()
      const [reached, goOn] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const slow: CredentialStore.Service = {
        ...store,
        saveIssued: (token) =>
          Deferred.succeed(reached, undefined).pipe(
            Effect.zipRight(Deferred.await(goOn)),
            Effect.zipRight(store.saveIssued(token))
          )
      }
      const program = Effect.flatMap(PlexSession, (session) => session.refresh()).pipe(
        Effect.provide(
          Layer.provide(PlexSession.layer(), Layer.merge(issuer.layer, Layer.succeed(CredentialStore, slow)))
        )
      )
      const fiber = yield* Effect.fork(program)
      yield* Deferred.await(reached)
      const interrupting = yield* Effect.fork(Fiber.interrupt(fiber))
      // The interruption is there by then.
      yield* drive(Effect.void)
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(interrupting)
      assertEquals(
        Option.map(yield* store.issued, ({ token }) => token),
        Option.fromNullable(issuer.issued[0])
      )
      deepStrictEqual(issuer.asked, ["nonce", "exchangeJwt"])
    })
  )

  it.scoped("a token that was issued long ago and never verified is of no use, and another one is asked for", () =>
    Effect.gen(function* () {
      const { issuer, key, open, store } = yield* setUp()
      yield* store.saveIssued({ token: yield* issuer.token(key.kid, { claims: { exp: 1 } }), clientIdentifier })
      yield* (yield* open()).refresh()
      strictEqual(issuer.count("exchangeJwt"), 1)
      assertEquals(yield* store.issued, Option.none())
    })
  )
})

describe("secrets", () => {
  it.scoped("case 40: the key, what it signed and what came for it show in no log, error or status", () =>
    Effect.gen(function* () {
      const { first, issuer, key, open, store } = yield* setUp()
      const { layer, lines } = logged()
      yield* Effect.gen(function* () {
        const session = yield* open()
        yield* TestClock.adjust(6 * day)
        yield* issuer.first("exchangeJwt", new Unauthorized({ operation: "PlexAuth.exchangeJwt", status: 401 }))
        yield* issuer.setOffset(600_000)
        const seen = [yield* session.token, yield* session.status, session, yield* store.credentials, key]
        yield* TestClock.adjust("10 seconds")
        const second = yield* session.token
        yield* issuer.register(undefined)
        const error = yield* Effect.flip(session.refresh())
        for (const value of [...seen, error, lines]) {
          assertNotPrinted(value, Redacted.value(first), Redacted.value(second), Redacted.value(key.d))
        }
        strictEqual(lines.length, 3)
      }).pipe(Effect.provide(layer))
    })
  )
})
