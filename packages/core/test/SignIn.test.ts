import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  ClientIdentifierMismatch,
  ClientIdentifierMissing,
  CreatePinRequest,
  InvalidRequest,
  InvalidResponse,
  LinkPin,
  Pin,
  PinExpired,
  PinNotFound,
  PlexAuth,
  PlexAuthPolicy,
  PlexAuthTest,
  PlexClientInfo,
  RateLimited,
  Rejected,
  SignIn,
  StrongPin,
  TokenExpired,
  Unauthorized
} from "@plex-auth/core"
import type { GetTokenResponse } from "@plex-auth/core"
import {
  Clock,
  DateTime,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Redacted,
  Ref,
  Schedule,
  Schema,
  TestClock
} from "effect"
import {
  assertBetween,
  assertNotPrinted,
  gaps,
  storedPin,
  timers,
  unavailable,
  utc,
  waitOnTestClock,
  watched
} from "./support.js"

const operation = "PlexAuth.getToken"

const pending = PlexAuthTest.pending()

const claimed = PlexAuthTest.claimed("TOK")

const token = Option.getOrThrow(claimed.authToken)

const limited = (retryAfter?: Duration.DurationInput) =>
  new RateLimited({
    operation,
    status: 429,
    ...(retryAfter === undefined ? {} : { retryAfter: Duration.decode(retryAfter) })
  })

const notFound = new PinNotFound({
  operation,
  status: 404,
  code: 1020,
  reasons: ["expired", "unknown", "otherClientIdentifier"]
})

const captivePortal = new InvalidResponse({
  operation,
  reason: "notJson",
  status: 200,
  contentType: "text/html",
  length: 5120,
  paths: []
})

type Answer = GetTokenResponse | Effect.Effect<GetTokenResponse, PlexAuth.GetTokenError>

/** Each answer in its turn, and the last one for ever. */
const inTurn =
  (...answers: readonly [Answer, ...ReadonlyArray<Answer>]) =>
  ({ n }: { readonly n: number }) =>
    answers[Math.min(n, answers.length) - 1] ?? answers[0]

const decodePin = Schema.decodeUnknownSync(Pin)

/** A PIN that has arrived at time 0 and lives for so long. */
const pinFor = (expiresIn: Duration.DurationInput) => decodePin(storedPin({ expiresIn: Duration.toMillis(expiresIn) }))

/** The `PinExpired` that a wait has ended with. */
const expired = (exit: Option.Option<Exit.Exit<unknown, SignIn.WaitError>>) =>
  Effect.gen(function* () {
    assertTrue(Option.isSome(exit), "the wait goes on")
    const error = yield* Effect.flip(exit.value)
    assertInstanceOf(error, PinExpired)
    return error
  })

/** Fewer looks, where it does not matter how many there are: each one takes TestClock some milliseconds. */
const steady = PlexAuthPolicy.with({ poll: Schedule.spaced("5 seconds") })

describe("start", () => {
  const layer = PlexAuthTest.layerScript({
    createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin(), PlexAuthTest.strongPin()]
  })

  it.effect("case 39: gives the kind of PIN that was asked for, and asks for it", () =>
    Effect.gen(function* () {
      assertInstanceOf(yield* SignIn.start(), LinkPin)
      assertInstanceOf(yield* SignIn.start({ strong: false, xPlexProduct: "My Cool App" }), LinkPin)
      assertInstanceOf(yield* SignIn.start({ strong: true, xPlexClientIdentifier: "Postman" }), StrongPin)
      const made = (yield* PlexAuthTest.requests).map((recorded) =>
        recorded.operation === "createPin" ? Schema.encodeSync(CreatePinRequest)(recorded.request) : recorded
      )
      deepStrictEqual(made, [
        { strong: false },
        { strong: false, xPlexProduct: "My Cool App" },
        { strong: true, xPlexClientIdentifier: "Postman" }
      ])
    }).pipe(Effect.provide(layer))
  )

  it.effect("case 39: a PIN of the other kind is an InvalidResponse", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SignIn.start({ strong: true }))
      assertInstanceOf(error, InvalidResponse)
      strictEqual(error.operation, "PlexAuth.createPin")
      const other = yield* Effect.flip(SignIn.start()).pipe(
        Effect.provide(PlexAuthTest.layer({ createPin: PlexAuthTest.strongPin({ code: "CANARY" }) }))
      )
      assertInstanceOf(other, InvalidResponse)
      assertNotPrinted(other, "CANARY")
    }).pipe(Effect.provide(layer))
  )

  const refusals = [
    new ClientIdentifierMissing({ operation: "PlexAuth.createPin", status: 400, code: 1000 }),
    new Unauthorized({ operation: "PlexAuth.createPin", status: 401 }),
    new Rejected({ operation: "PlexAuth.createPin", status: 400, code: 1004, reason: "malformed request" }),
    new RateLimited({ operation: "PlexAuth.createPin", status: 429 }),
    unavailable({ operation: "PlexAuth.createPin" })
  ].map((error) => ({ error, tag: error._tag }))

  it.effect.each(refusals)("case 22: case 23: case 24: fails with $tag after one request", ({ error }) =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.flip(SignIn.start()))
      yield* TestClock.adjust("1 hour")
      strictEqual(yield* Fiber.join(fiber), error)
      strictEqual((yield* PlexAuthTest.requests).length, 1)
    }).pipe(Effect.provide(PlexAuthTest.layer({ createPin: error })))
  )

  it.effect("case 36: sends nothing that does not decode", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(SignIn.start({ strong: true, xPlexClientIdentifier: "a\r\nX-Evil: 1" }))
      assertInstanceOf(error, InvalidRequest)
      deepStrictEqual(yield* PlexAuthTest.requests, [])
    }).pipe(Effect.provide(layer))
  )
})

describe("wait: the claim", () => {
  it.effect("case 1: pending three times, then the token, and nothing after it", () =>
    Effect.gen(function* () {
      const pin = pinFor("15 minutes")
      const { endedAt, exit, looks, times } = yield* waitOnTestClock(
        pin,
        inTurn(pending, pending, pending, claimed),
        "70 seconds"
      )
      assertEquals(exit, Option.some(Exit.succeed(token)))
      strictEqual(looks.length, 4)
      for (const { request } of looks) {
        deepStrictEqual({ ...request }, { pinID: "1272322473", xPlexClientIdentifier: "Postman" })
      }
      for (const gap of [times[0], ...gaps(times)]) assertBetween(gap, 1000, 1201)
      strictEqual(endedAt, times[3])
      deepStrictEqual(yield* timers, [])
    })
  )

  it.effect("is found at the first look, which comes after a moment", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), inTurn(claimed), "1 minute")
      assertEquals(exit, Option.some(Exit.succeed(token)))
      strictEqual(times.length, 1)
      assertBetween(times[0], 1000, 1201)
    })
  )

  it.effect("is found late, and in the last interval", () =>
    Effect.gen(function* () {
      const late = ({ at }: { readonly at: number }) => (at >= 19_500 ? claimed : pending)
      const { endedAt, exit } = yield* waitOnTestClock(pinFor("20 seconds"), late, "2 minutes")
      assertEquals(exit, Option.some(Exit.succeed(token)))
      assertBetween(endedAt, 19_500, 20_000)
    })
  )

  it.effect("is found by the last look, which is at the deadline", () =>
    Effect.gen(function* () {
      const atTheEnd = ({ at }: { readonly at: number }) => (at >= 60_000 ? claimed : pending)
      const { endedAt, exit } = yield* waitOnTestClock(pinFor("1 minute"), atTheEnd, "2 minutes").pipe(steady)
      assertEquals(exit, Option.some(Exit.succeed(token)))
      strictEqual(endedAt, 60_000)
    })
  )

  it.effect("is found by a last look that is slow", () =>
    Effect.gen(function* () {
      const slow = ({ at }: { readonly at: number }) =>
        at >= 60_000 ? Effect.delay(Effect.succeed(claimed), "9 seconds") : pending
      const { endedAt, exit } = yield* waitOnTestClock(pinFor("1 minute"), slow, "2 minutes").pipe(steady)
      assertEquals(exit, Option.some(Exit.succeed(token)))
      strictEqual(endedAt, 69_000)
    })
  )

  it.effect("case 19: never: PinExpired at the deadline, no request after it, and no timer left", () =>
    Effect.gen(function* () {
      const { endedAt, exit, times } = yield* waitOnTestClock(pinFor("20 seconds"), inTurn(pending), "10 minutes")
      const error = yield* expired(exit)
      assertEquals(error.waited, Duration.seconds(20))
      strictEqual(error.looks, times.length)
      strictEqual(error.lastTrouble, undefined)
      strictEqual(endedAt, 20_000)
      strictEqual(times.at(-1), 20_000)
      assertBetween(times.length, 17, 21)
      deepStrictEqual(yield* timers, [])
    })
  )

  it.effect("case 2: no look comes less than a second after the answer before it", () =>
    Effect.gen(function* () {
      const slow = Effect.delay(Effect.succeed(pending), "400 millis")
      const { times } = yield* waitOnTestClock(pinFor("15 minutes"), () => slow, "34 seconds")
      assertTrue(times.length >= 20)
      for (const gap of gaps(times)) assertBetween(gap, 1400, 1601)
    })
  )

  it.effect("case 40: the token does not show in the exit", () =>
    Effect.gen(function* () {
      const { exit } = yield* waitOnTestClock(pinFor("1 minute"), inTurn(PlexAuthTest.claimed("CANARY")), "1 minute")
      assertTrue(Option.isSome(exit) && Exit.isSuccess(exit.value))
      strictEqual(Redacted.value(exit.value.value), "CANARY")
      assertNotPrinted(exit, "CANARY")
    })
  )
})

describe("wait: trouble on the way", () => {
  it.effect("case 3: Retry-After is a lower bound, and the interval stays wider", () =>
    Effect.gen(function* () {
      const answers = inTurn(pending, limited("2 seconds"), pending)
      const { exit, times } = yield* waitOnTestClock(
        pinFor("15 minutes"),
        (look) => (look.n > 12 ? claimed : answers(look)),
        "2 minutes"
      )
      assertEquals(exit, Option.some(Exit.succeed(token)))
      assertBetween(gaps(times)[0], 1000, 1201)
      strictEqual(times.length, 13)
      const [next, ...rest] = gaps(times).slice(1)
      assertBetween(next, 2000, 6000)
      for (const gap of rest) assertBetween(gap, 2000, 3000)
    })
  )

  it.effect(
    "case 3: a Retry-After of minutes holds for the next look alone, and the interval stays within its cap",
    () =>
      Effect.gen(function* () {
        const answers = inTurn(limited("2 minutes"), pending, pending, pending, claimed)
        const { exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), answers, "10 minutes")
        assertEquals(exit, Option.some(Exit.succeed(token)))
        const [first, ...rest] = gaps(times)
        assertTrue(first !== undefined && first >= 120_000)
        for (const gap of rest) assertBetween(gap, 2000, 20_000)
      })
  )

  it.effect("case 3: a 503 with Retry-After is left alone as long", () =>
    Effect.gen(function* () {
      const busy = unavailable({ reason: "status", status: 503, retryAfter: Duration.seconds(30) })
      const { exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), inTurn(busy, pending, claimed), "2 minutes")
      assertEquals(exit, Option.some(Exit.succeed(token)))
      assertTrue((gaps(times)[0] ?? 0) >= 30_000)
      assertBetween(gaps(times)[1], 1000, 1201)
    })
  )

  it.effect("case 3: it is not early by a fraction of a millisecond", () =>
    Effect.gen(function* () {
      const answers = inTurn(limited(Duration.micros(5_000_001n)), claimed)
      const { times } = yield* waitOnTestClock(pinFor("15 minutes"), answers, "2 minutes")
      assertTrue((gaps(times)[0] ?? 0) >= 5000.001)
    })
  )

  it.effect("case 4: each 429 without Retry-After widens the interval", () =>
    Effect.gen(function* () {
      const answers = inTurn(limited(), limited(), limited(), claimed)
      const { exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), answers, "2 minutes")
      assertEquals(exit, Option.some(Exit.succeed(token)))
      const [first = 0, second = 0, third = 0] = gaps(times)
      assertTrue(first >= 2000 && second > first && third > second, `${first} ${second} ${third}`)
    })
  )

  it.effect("case 5: a Retry-After that is longer than the PIN lives ends the wait at once", () =>
    Effect.gen(function* () {
      const { endedAt, exit, times } = yield* waitOnTestClock(pinFor("1 minute"), inTurn(limited("1 day")), "2 days")
      deepStrictEqual(exit, Option.some(Exit.fail(limited("1 day"))))
      strictEqual(times.length, 1)
      strictEqual(endedAt, times[0])
      deepStrictEqual(yield* timers, [])
    })
  )

  it.effect("case 5: one that ends just before the deadline is waited for", () =>
    Effect.gen(function* () {
      const { endedAt, exit, times } = yield* waitOnTestClock(
        pinFor("1 minute"),
        inTurn(limited("58700 millis"), claimed),
        "1 day"
      )
      assertEquals(exit, Option.some(Exit.succeed(token)))
      assertTrue((gaps(times)[0] ?? 0) >= 58_700)
      assertBetween(endedAt, 59_700, 60_000)
    })
  )

  it.effect("case 6: every kind of 5xx is survived", () =>
    Effect.gen(function* () {
      const broken = [500, 502, 503, 504, 520, 522, 524].map((status) => unavailable({ reason: "status", status }))
      const { exit } = yield* waitOnTestClock(pinFor("15 minutes"), inTurn(pending, ...broken, claimed), "15 minutes")
      assertEquals(exit, Option.some(Exit.succeed(token)))
    })
  )

  it.effect("case 7: case 25: every kind of fault of the network is survived, and each widens the interval", () =>
    Effect.gen(function* () {
      const reasons = ["reset", "refused", "dns", "tls", "connection", "timeout"] as const
      const faults = reasons.map((reason) => unavailable({ reason }))
      const { exit, times } = yield* waitOnTestClock(
        pinFor("15 minutes"),
        inTurn(pending, ...faults, claimed),
        "15 minutes"
      )
      assertEquals(exit, Option.some(Exit.succeed(token)))
      const [, ...widened] = gaps(times)
      widened.forEach((gap, i) => {
        const nominal = Math.min(2 ** (i + 1), 15)
        assertBetween(gap, nominal * 750, nominal * 1.2 * 1250 + 1)
      })
      strictEqual(widened.length, 6)
    })
  )

  it.effect("after the faults are over, the interval is the usual one again", () =>
    Effect.gen(function* () {
      const faults = inTurn(unavailable(), unavailable(), unavailable(), pending, pending, pending, claimed)
      const { times } = yield* waitOnTestClock(pinFor("15 minutes"), faults, "5 minutes")
      assertTrue((gaps(times)[2] ?? 0) >= 6000)
      for (const gap of gaps(times).slice(3)) assertBetween(gap, 1000, 1201)
    })
  )

  it.effect("the cap of the interval: faults without end don't put the looks off for ever", () =>
    Effect.gen(function* () {
      const { times } = yield* waitOnTestClock(pinFor("15 minutes"), inTurn(unavailable()), "5 minutes")
      for (const gap of gaps(times)) assertBetween(gap, 1500, 18_751)
      assertTrue(Math.max(...gaps(times)) > 11_000)
    })
  )

  it.effect("a poll schedule that is slower than the cap stays as slow", () =>
    Effect.gen(function* () {
      const slow = PlexAuthPolicy.with({ poll: Schedule.spaced("20 seconds") })
      const answers = inTurn(unavailable(), unavailable(), limited(), claimed)
      const { exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), answers, "15 minutes").pipe(slow)
      assertEquals(exit, Option.some(Exit.succeed(token)))
      for (const gap of gaps(times)) assertTrue(gap >= 20_000, String(gap))
    })
  )

  it.effect("case 9: case 10: answers that are no PIN are survived", () =>
    Effect.gen(function* () {
      const cutOff = new InvalidResponse({
        operation,
        reason: "notJson",
        status: 200,
        contentType: "application/json",
        length: 40,
        paths: []
      })
      const wrong = new InvalidResponse({ operation, reason: "unexpected", status: 200, paths: ["authToken"] })
      const redirect = new InvalidResponse({ operation, reason: "redirect", status: 302, paths: [] })
      const answers = inTurn(captivePortal, cutOff, wrong, redirect, claimed)
      const { exit } = yield* waitOnTestClock(pinFor("15 minutes"), answers, "5 minutes")
      assertEquals(exit, Option.some(Exit.succeed(token)))
    })
  )

  it.effect("case 9: a log-in page that lasts to the deadline is described by the error", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* waitOnTestClock(pinFor("1 minute"), inTurn(captivePortal), "2 minutes")
      const expected = new PinExpired({ waited: Duration.minutes(1), looks: times.length, lastTrouble: captivePortal })
      deepStrictEqual(exit, Option.some(Exit.fail(expected)))
      for (const words of ["HTTP 200", "text/html", "5120 bytes"]) assertTrue(expected.message.includes(words))
    })
  )

  it.effect("the last trouble is remembered, though later looks were fine", () =>
    Effect.gen(function* () {
      const answers = inTurn(unavailable({ detail: "first" }), unavailable({ detail: "second" }), pending)
      const { exit, times } = yield* waitOnTestClock(pinFor("1 minute"), answers, "2 minutes").pipe(steady)
      const lastTrouble = unavailable({ detail: "second" })
      const expected = new PinExpired({ waited: Duration.minutes(1), looks: times.length, lastTrouble })
      deepStrictEqual(exit, Option.some(Exit.fail(expected)))
    })
  )

  it.effect("trouble at the last look is PinExpired, with that trouble", () =>
    Effect.gen(function* () {
      const answers = ({ at }: { readonly at: number }) => (at >= 60_000 ? limited("1 day") : pending)
      const { exit } = yield* waitOnTestClock(pinFor("1 minute"), answers, "2 minutes").pipe(steady)
      const error = yield* expired(exit)
      deepStrictEqual(error.lastTrouble, limited("1 day"))
    })
  )

  it.effect("case 25: a look that times out across the deadline is the last one", () =>
    Effect.gen(function* () {
      const silent = ({ at }: { readonly at: number }) =>
        at >= 58_000 ? Effect.delay(unavailable({ reason: "timeout" }), "10 seconds") : pending
      const { endedAt, exit, times } = yield* waitOnTestClock(pinFor("1 minute"), silent, "5 minutes").pipe(steady)
      yield* expired(exit)
      assertBetween(times.at(-1), 58_000, 60_000)
      assertBetween(endedAt, 68_000, 70_000)
    })
  )
})

describe("wait: terminal answers end it with one request", () => {
  const terminal = [
    notFound,
    new ClientIdentifierMissing({ operation, status: 400, code: 1000 }),
    new Unauthorized({ operation, status: 401 }),
    new TokenExpired({ operation, status: 498 }),
    new Rejected({ operation, status: 400, code: 4711, reason: "unheard of" }),
    new InvalidRequest({ request: "GetTokenRequest", issues: [{ field: "pinID", rule: "is missing" }] })
  ].map((error) => ({ error, tag: error._tag }))

  it.effect.each(terminal)("case 18: case 22: case 23: $tag", ({ error }) =>
    Effect.gen(function* () {
      const { endedAt, exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), inTurn(error), "1 hour")
      deepStrictEqual(exit, Option.some(Exit.fail(error)))
      strictEqual(times.length, 1)
      strictEqual(endedAt, times[0])
      deepStrictEqual(yield* timers, [])
    })
  )

  it.effect("case 18: a PIN that was there before can only have expired", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), inTurn(pending, notFound), "1 hour")
      const expired = new PinNotFound({ operation, status: 404, code: 1020, reasons: ["expired"] })
      deepStrictEqual(exit, Option.some(Exit.fail(expired)))
      strictEqual(times.length, 2)
    })
  )

  it.effect("case 18: a fault is no sight of the PIN", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* waitOnTestClock(pinFor("15 minutes"), inTurn(unavailable(), notFound), "1 hour")
      deepStrictEqual(exit, Option.some(Exit.fail(notFound)))
      strictEqual(times.length, 2)
    })
  )

  it.effect.each([true, false])("case 18: at the last look it is PinExpired (PIN seen before: %s)", (seen) =>
    Effect.gen(function* () {
      const answers = ({ at }: { readonly at: number }) => (at >= 60_000 ? notFound : seen ? pending : unavailable())
      const { exit, times } = yield* waitOnTestClock(pinFor("1 minute"), answers, "1 hour").pipe(steady)
      const error = yield* expired(exit)
      strictEqual(error.looks, times.length)
      deepStrictEqual(error.lastTrouble, seen ? undefined : unavailable())
    })
  )

  it.effect("a defect is a defect", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* waitOnTestClock(pinFor("1 minute"), inTurn(Effect.die("bug")), "1 hour")
      deepStrictEqual(exit, Option.some(Exit.die("bug")))
      strictEqual(times.length, 1)
    })
  )
})

describe("wait: the deadline", () => {
  it.effect.each([3_600_000, -3_600_000, 86_400_000, -86_400_000].map((skew) => ({ skew })))(
    "case 20: expiresAt and createdAt, $skew ms off, mean nothing",
    ({ skew }) =>
      Effect.gen(function* () {
        const iso = (millis: number) => DateTime.formatIso(utc(millis + skew))
        const pin = decodePin(storedPin({ expiresIn: 60_000, createdAt: iso(0), expiresAt: iso(60_000) }))
        const { endedAt, exit } = yield* waitOnTestClock(pin, inTurn(pending), "2 days").pipe(steady)
        yield* expired(exit)
        strictEqual(endedAt, 60_000)
      })
  )

  it.effect("case 33: is counted from when the PIN arrived, not from when the wait began", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("50 seconds")
      const { endedAt, exit } = yield* waitOnTestClock(pinFor("1 minute"), inTurn(pending), "2 minutes").pipe(steady)
      strictEqual(endedAt, 60_000)
      const error = yield* expired(exit)
      assertEquals(error.waited, Duration.seconds(10))
    })
  )

  it.effect("case 33: a PIN whose time was over long ago gets one look, at once", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust("1 day")
      const late = yield* waitOnTestClock(pinFor("1 minute"), inTurn(claimed), "0 millis")
      assertEquals(late.exit, Option.some(Exit.succeed(token)))
      strictEqual(late.times.length, 1)
      const none = yield* waitOnTestClock(pinFor("1 minute"), inTurn(notFound), "0 millis")
      const error = yield* expired(none.exit)
      assertEquals(error.waited, Duration.zero)
      strictEqual(error.looks, 1)
    })
  )

  it.effect("case 33: a PIN that seems to come from the future gets its lifetime, and no more", () =>
    Effect.gen(function* () {
      const pin = decodePin(storedPin({ expiresIn: 30_000, receivedAt: 86_400_000 }))
      const { endedAt } = yield* waitOnTestClock(pin, inTurn(pending), "2 days").pipe(steady)
      strictEqual(endedAt, 30_000)
    })
  )

  it.effect("case 21: a stored lifetime that makes no sense is brought within an hour", () =>
    Effect.gen(function* () {
      const poll = PlexAuthPolicy.with({ poll: Schedule.spaced("10 minutes") })
      const { endedAt } = yield* waitOnTestClock(pinFor("1000 days"), inTurn(pending), "2 days").pipe(poll)
      strictEqual(endedAt, 3_600_000)
    })
  )

  it.effect("case 33: goes on with a PIN that was stored in between", () =>
    Effect.gen(function* () {
      const Json = Schema.parseJson(Pin)
      const pin = yield* PlexAuthTest.strongPin({ expiresIn: "1 minute" })
      const stored = yield* Schema.encode(Json)(pin)
      yield* TestClock.adjust("20 seconds")
      const { endedAt, looks } = yield* waitOnTestClock(
        yield* Schema.decode(Json)(stored),
        inTurn(pending),
        "2 minutes"
      ).pipe(steady)
      strictEqual(endedAt, 60_000)
      deepStrictEqual({ ...looks[0]?.request }, { pinID: "1", xPlexClientIdentifier: "plex-auth-test" })
    })
  )
})

describe("wait: the poll schedule", () => {
  it.effect("is that of the policy, the first look included", () =>
    Effect.gen(function* () {
      const { times } = yield* waitOnTestClock(pinFor("10 seconds"), inTurn(pending), "1 minute").pipe(
        PlexAuthPolicy.with({ poll: Schedule.spaced("3 seconds") })
      )
      deepStrictEqual(times, [3000, 6000, 9000, 10_000])
    })
  )

  it.effect("when it ends, one look is left: at the deadline", () =>
    Effect.gen(function* () {
      const twice = Schedule.intersect(Schedule.spaced("2 seconds"), Schedule.recurs(2))
      const { times } = yield* waitOnTestClock(pinFor("1 minute"), inTurn(pending), "2 minutes").pipe(
        PlexAuthPolicy.with({ poll: twice })
      )
      deepStrictEqual(times, [2000, 4000, 60_000])
    })
  )

  it.effect("with none at all, there is one look: at the deadline", () =>
    Effect.gen(function* () {
      const { endedAt, exit, times } = yield* waitOnTestClock(pinFor("1 minute"), inTurn(claimed), "2 minutes").pipe(
        PlexAuthPolicy.with({ poll: Schedule.stop })
      )
      assertEquals(exit, Option.some(Exit.succeed(token)))
      deepStrictEqual([endedAt, times], [60_000, [60_000]])
    })
  )

  it.effect("begins anew with each wait", () =>
    Effect.gen(function* () {
      const once = PlexAuthPolicy.with({ poll: Schedule.intersect(Schedule.spaced("2 seconds"), Schedule.recurs(1)) })
      const first = yield* waitOnTestClock(pinFor("1 minute"), inTurn(claimed), "5 seconds").pipe(once)
      const second = yield* waitOnTestClock(pinFor("1 minute"), inTurn(claimed), "5 seconds").pipe(once)
      deepStrictEqual([first.times, second.times], [[2000], [7000]])
    })
  )
})

describe("wait: no retry inside it", () => {
  it.effect("threat 15: the policy's retry makes no attempts of its own within a wait", () =>
    Effect.gen(function* () {
      const attempts = yield* Ref.make<ReadonlyArray<number>>([])
      const none = () => Effect.dieMessage("not asked for")
      const wire = Effect.succeed<PlexAuth.Wire>({
        createPin: none,
        account: none,
        ping: none,
        signOut: none,
        linkPin: none,
        resources: none,
        homeUsers: none,
        switchUser: none,
        registerKey: none,
        nonce: none(),
        exchangeJwt: none,
        keys: none(),
        clockOffset: Effect.succeed(0),
        getToken: () =>
          PlexAuthPolicy.retry(
            Effect.zipRight(
              Effect.flatMap(Clock.currentTimeMillis, (now) => Ref.update(attempts, (all) => [...all, now])),
              unavailable()
            )
          )
      })
      const eager = PlexAuthPolicy.layer({ retry: Schedule.recurs(5), poll: Schedule.spaced("2 seconds") })
      const layer = PlexAuth.layer(wire).pipe(
        Layer.provide(PlexClientInfo.layer({ product: "My Cool App" })),
        Layer.provide(eager)
      )
      const fiber = yield* SignIn.wait(pinFor("1 minute")).pipe(Effect.provide(layer), Effect.flip, Effect.fork)
      yield* TestClock.adjust("2 minutes")
      const error = yield* Fiber.join(fiber)
      assertInstanceOf(error, PinExpired)
      strictEqual((yield* Ref.get(attempts)).length, error.looks)
      for (const gap of gaps(yield* Ref.get(attempts)).slice(0, -1)) assertTrue(gap >= 2000, String(gap))

      // Outside of a wait it holds.
      yield* Ref.set(attempts, [])
      const plex = yield* Effect.provide(PlexAuth, layer)
      yield* Effect.flip(plex.getToken({ pinID: "1", xPlexClientIdentifier: "Postman" }))
      strictEqual((yield* Ref.get(attempts)).length, 6)
    })
  )

  it.effect("but what else is set in the policy holds within a wait", () =>
    Effect.gen(function* () {
      const seen = yield* Deferred.make<PlexAuthPolicy.Service>()
      yield* waitOnTestClock(
        pinFor("1 minute"),
        () =>
          Effect.as(
            Effect.flatMap(PlexAuthPolicy.resolved, (policy) => Deferred.succeed(seen, policy)),
            claimed
          ),
        "5 seconds"
      ).pipe(PlexAuthPolicy.with({ requestTimeout: "3 seconds" }))
      strictEqual((yield* Deferred.await(seen)).requestTimeout, "3 seconds")
    })
  )
})

describe("wait: interruption", () => {
  it.effect("case 30: asleep, it leaves no timer, and no request comes later", () =>
    Effect.gen(function* () {
      const { layer, looks } = yield* watched(() => pending)
      const fiber = yield* SignIn.wait(pinFor("15 minutes")).pipe(Effect.provide(layer), Effect.fork)
      yield* TestClock.adjust("10 seconds")
      const before = (yield* looks).length
      assertTrue(before > 0)
      strictEqual((yield* timers).length, 1)
      const exit = yield* Fiber.interrupt(fiber)
      assertTrue(Exit.isInterrupted(exit))
      yield* TestClock.adjust("1 hour")
      strictEqual((yield* looks).length, before)
    })
  )

  it.effect("case 31: in flight, it interrupts the look, and the result is interruption", () =>
    Effect.gen(function* () {
      const cut = yield* Ref.make(0)
      const never = Effect.onInterrupt(Effect.never, () => Ref.update(cut, (n) => n + 1))
      const { layer, looks } = yield* watched(() => never)
      const fiber = yield* SignIn.wait(pinFor("15 minutes")).pipe(Effect.provide(layer), Effect.fork)
      yield* TestClock.adjust("10 seconds")
      strictEqual((yield* looks).length, 1)
      strictEqual(yield* Ref.get(cut), 0)
      const exit = yield* Fiber.interrupt(fiber)
      assertTrue(Exit.isInterrupted(exit))
      strictEqual(yield* Ref.get(cut), 1)
      deepStrictEqual(yield* timers, [])
      yield* TestClock.adjust("1 hour")
      strictEqual((yield* looks).length, 1)
    })
  )

  it.effect("a timeout around it ends it in the same way", () =>
    Effect.gen(function* () {
      const { layer, looks } = yield* watched(() => pending)
      const wait = SignIn.wait(pinFor("15 minutes")).pipe(Effect.timeoutOption("5 seconds"), Effect.provide(layer))
      const fiber = yield* Effect.fork(wait)
      yield* TestClock.adjust("1 hour")
      assertEquals(yield* Fiber.join(fiber), Option.none())
      assertBetween((yield* looks).length, 4, 5)
    })
  )
})

describe("resume", () => {
  const resumed = (clientIdentifier: string | undefined) =>
    Effect.gen(function* () {
      const { layer, looks } = yield* watched(() => claimed)
      const Client = PlexClientInfo.layer({ clientIdentifier, product: "My Cool App" })
      const fiber = yield* SignIn.resume(pinFor("1 minute")).pipe(Effect.provide([layer, Client]), Effect.fork)
      yield* TestClock.adjust("2 minutes")
      return { exit: yield* Fiber.await(fiber), looks: yield* looks }
    })

  it.effect("waits on with the client identifier that the PIN was made with", () =>
    Effect.gen(function* () {
      assertEquals((yield* resumed("Postman")).exit, Exit.succeed(token))
      assertEquals((yield* resumed(undefined)).exit, Exit.succeed(token))
    })
  )

  it.effect("case 34: another client identifier is refused, and nothing is sent", () =>
    Effect.gen(function* () {
      const { exit, looks } = yield* resumed("postman")
      const error = yield* Effect.flip(exit)
      assertInstanceOf(error, ClientIdentifierMismatch)
      assertNotPrinted(error, "Postman", "1272322473")
      deepStrictEqual(looks, [])
    })
  )
})

describe("timeLeft", () => {
  it.effect("counts down on the clock that the wait goes by, to zero", () =>
    Effect.gen(function* () {
      const pin = pinFor("1 minute")
      deepStrictEqual(yield* SignIn.timeLeft(pin), Duration.minutes(1))
      yield* TestClock.adjust("20 seconds")
      deepStrictEqual(yield* SignIn.timeLeft(pin), Duration.seconds(40))
      yield* TestClock.adjust("1 hour")
      deepStrictEqual(yield* SignIn.timeLeft(pin), Duration.zero)
    })
  )
})
