/** Several who wait for one PIN, those who don't wait for its whole life, and what they are told. */
import { describe, it } from "@effect/vitest"
import {
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertTrue,
  deepStrictEqual,
  strictEqual
} from "@effect/vitest/utils"
import {
  Pin,
  PinExpired,
  PinNotClaimed,
  PinNotFound,
  PlexAuthPolicy,
  PlexAuthTest,
  RateLimited,
  SignIn
} from "@plex-auth/core"
import type { WaitEvent } from "@plex-auth/core"
import {
  Clock,
  Context,
  Deferred,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Random,
  Ref,
  Schedule,
  Schema,
  TestClock
} from "effect"
import { gaps, storedPin, timers, unavailable, waitByLeaps, watched } from "../support.js"
import type { Look } from "../support.js"

const pending = PlexAuthTest.pending()
const claimed = PlexAuthTest.claimed("TOK")
const token = Option.getOrThrow(claimed.authToken)

const pinFor = (expiresIn: Duration.DurationInput, fields: Readonly<Record<string, unknown>> = {}) =>
  Schema.decodeUnknownSync(Pin)(storedPin({ expiresIn: Duration.toMillis(expiresIn), ...fields }))

const steady = PlexAuthPolicy.with({ poll: Schedule.spaced("1 second") })

const limited = (retryAfter: Duration.DurationInput) =>
  new RateLimited({ operation: "PlexAuth.getToken", status: 429, retryAfter: Duration.decode(retryAfter) })

const notFound = new PinNotFound({ operation: "PlexAuth.getToken", status: 404, code: 1020, reasons: ["unknown"] })

/** Claimed from the n-th look on. */
const claimedAt =
  (n: number) =>
  (look: Look): typeof pending =>
    look.n >= n ? claimed : pending

/** One service for all that the test forks. */
const sharing = (answer: Parameters<typeof watched>[0]) =>
  Effect.gen(function* () {
    const { layer, looks } = yield* watched(answer)
    return { services: yield* Layer.build(layer), looks, times: Effect.map(looks, (all) => all.map(({ at }) => at)) }
  })

describe("case 32: those who wait for one PIN share one poll", () => {
  it.scoped("five get the token of one look a second", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(claimedAt(3))
      const pin = pinFor("15 minutes")
      const five = yield* Effect.forkAll(
        Array.from({ length: 5 }, () => SignIn.wait(pin).pipe(Effect.provide(services)))
      ).pipe(steady)
      yield* TestClock.adjust("1 minute")
      const tokens = yield* Fiber.join(five)
      strictEqual(tokens.length, 5)
      for (const each of tokens) assertEquals(each, token)
      deepStrictEqual(yield* times, [1000, 2000, 3000])
      deepStrictEqual(yield* timers, [])
    })
  )

  it.scoped("whoever leaves, the first one too, leaves the others waiting; the last one ends it", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(() => pending)
      const wait = SignIn.wait(pinFor("15 minutes")).pipe(steady, Effect.provide(services))
      const first = yield* Effect.fork(wait)
      yield* TestClock.adjust("1500 millis")
      const second = yield* Effect.fork(wait)
      yield* Effect.yieldNow()
      assertTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
      yield* TestClock.adjust("1 second")
      deepStrictEqual(yield* times, [1000, 2000])
      assertTrue(Option.isNone(yield* Fiber.poll(second)))
      yield* Fiber.interrupt(second)
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(yield* times, [1000, 2000])
    })
  )

  it.scoped("case 31: the last one to leave aborts the request in flight", () =>
    Effect.gen(function* () {
      const aborted = yield* Deferred.make<void>()
      const { services } = yield* sharing(() =>
        Effect.never.pipe(Effect.onInterrupt(() => Deferred.succeed(aborted, undefined)))
      )
      const wait = SignIn.wait(pinFor("15 minutes")).pipe(steady, Effect.provide(services))
      const [first, second] = yield* Effect.all([Effect.fork(wait), Effect.fork(wait)])
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(first)
      assertFalse(yield* Deferred.isDone(aborted))
      yield* Fiber.interrupt(second)
      assertTrue(yield* Deferred.isDone(aborted))
    })
  )

  it.scoped("an error reaches all of them, and whoever comes then begins anew", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(({ n }) => (n === 1 ? Effect.fail(notFound) : claimed))
      const wait = SignIn.wait(pinFor("15 minutes")).pipe(steady, Effect.provide(services))
      const two = yield* Effect.fork(Effect.all([Effect.flip(wait), Effect.flip(wait)], { concurrency: 2 }))
      yield* TestClock.adjust("1 second")
      deepStrictEqual(yield* Fiber.join(two), [notFound, notFound])
      const third = yield* Effect.fork(wait)
      yield* TestClock.adjust("1 second")
      assertEquals(yield* Fiber.join(third), token)
      deepStrictEqual(yield* times, [1000, 2000])
    })
  )

  it.scoped("a defect reaches all of them, too", () =>
    Effect.gen(function* () {
      const { services } = yield* sharing(() => Effect.die("broken"))
      const wait = SignIn.wait(pinFor("15 minutes")).pipe(steady, Effect.provide(services), Effect.exit)
      const two = yield* Effect.fork(Effect.all([wait, wait], { concurrency: 2 }))
      yield* TestClock.adjust("1 second")
      deepStrictEqual(yield* Fiber.join(two), [Exit.die("broken"), Exit.die("broken")])
    })
  )

  it.scoped("other PINs, and the same PIN at another service, have polls of their own", () =>
    Effect.gen(function* () {
      const here = yield* sharing(() => pending)
      const there = yield* sharing(() => pending)
      const wait = (pin: Pin) => SignIn.wait(pin).pipe(steady)
      yield* Effect.fork(wait(pinFor("15 minutes")).pipe(Effect.provide(here.services)))
      yield* Effect.fork(wait(pinFor("15 minutes", { id: "2" })).pipe(Effect.provide(here.services)))
      yield* Effect.fork(wait(pinFor("15 minutes")).pipe(Effect.provide(there.services)))
      yield* TestClock.adjust("1 second")
      deepStrictEqual(
        (yield* here.looks).map(({ request }) => request.pinID).sort(),
        ["1272322473", "2"],
        "two at the one service"
      )
      strictEqual((yield* there.looks).length, 1)
    })
  )
})

describe("complete", () => {
  it.scoped("looks at once, and then once a second", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(claimedAt(3))
      const fiber = yield* SignIn.complete(pinFor("30 minutes")).pipe(steady, Effect.provide(services), Effect.fork)
      yield* TestClock.adjust("1 minute")
      assertEquals(yield* Fiber.join(fiber), token)
      deepStrictEqual(yield* times, [0, 1000, 2000])
    })
  )

  it.scoped("ends with PinNotClaimed when its time is over, and says how long and how often it asked", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(({ n }) => (n === 2 ? Effect.fail(unavailable()) : pending))
      const fiber = yield* SignIn.complete(pinFor("30 minutes")).pipe(
        PlexAuthPolicy.with({ poll: Schedule.spaced("3 seconds") }),
        Effect.provide(services),
        Effect.flip,
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      const error = yield* Fiber.join(fiber)
      assertInstanceOf(error, PinNotClaimed)
      strictEqual((yield* times).at(-1), 10_000, "the last look is at the end")
      deepStrictEqual(error.waited, Duration.seconds(10))
      strictEqual(error.looks, (yield* times).length)
      deepStrictEqual(error.lastTrouble, unavailable())
      yield* TestClock.adjust("1 minute")
      strictEqual(error.looks, (yield* times).length, "none after it")
    })
  )

  it.scoped("has as much time as it is given, and no more than the PIN has", () =>
    Effect.gen(function* () {
      const { services } = yield* sharing(() => pending)
      const complete = (expiresIn: Duration.DurationInput, within: Duration.DurationInput) =>
        SignIn.complete(pinFor(expiresIn, { id: Duration.toMillis(expiresIn) }), { within }).pipe(
          steady,
          Effect.provide(services),
          Effect.flip,
          Effect.fork
        )
      const short = yield* complete("30 minutes", "2 seconds")
      const long = yield* complete("4 seconds", "1 hour")
      yield* TestClock.adjust("2 seconds")
      assertInstanceOf(yield* Fiber.join(short), PinNotClaimed)
      assertTrue(Option.isNone(yield* Fiber.poll(long)))
      yield* TestClock.adjust("2 seconds")
      assertInstanceOf(yield* Fiber.join(long), PinExpired)
    })
  )

  it.scoped("case 5: ends at once when plex.tv asks to be left alone for longer", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(() => Effect.fail(limited("1 minute")))
      const error = yield* SignIn.complete(pinFor("30 minutes")).pipe(Effect.provide(services), Effect.flip)
      deepStrictEqual(error, limited("1 minute"))
      deepStrictEqual(yield* times, [0])
    })
  )

  it.scoped("case 5: joins a wait that plex.tv asked to pause, and is told so at once; the wait goes on", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(({ n }) => (n === 1 ? Effect.fail(limited("1 minute")) : claimed))
      const pin = pinFor("30 minutes")
      const wait = yield* SignIn.wait(pin).pipe(steady, Effect.provide(services), Effect.fork)
      yield* TestClock.adjust("2 seconds")
      deepStrictEqual(yield* Effect.flip(SignIn.complete(pin).pipe(Effect.provide(services))), limited("1 minute"))
      deepStrictEqual(yield* times, [1000])
      yield* TestClock.adjust("2 minutes")
      assertEquals(yield* Fiber.join(wait), token)
    })
  )

  const slowly = PlexAuthPolicy.with({ poll: Schedule.spaced("6 seconds") })

  it.scoped("joins a wait that sleeps, and wakes it, however little time it has", () =>
    Effect.gen(function* () {
      for (const within of ["5 seconds", "0 seconds"] as const) {
        const { services, times } = yield* sharing(() => claimed)
        const pin = pinFor("30 minutes")
        const start = yield* Clock.currentTimeMillis
        const wait = yield* SignIn.wait(pin).pipe(slowly, Effect.provide(services), Effect.fork)
        yield* TestClock.adjust("500 millis")
        const complete = yield* SignIn.complete(pin, { within }).pipe(Effect.provide(services), Effect.fork)
        yield* TestClock.adjust("0 seconds")
        assertEquals(yield* Fiber.join(complete), token)
        assertEquals(yield* Fiber.join(wait), token)
        deepStrictEqual(yield* times, [start + 500])
      }
    })
  )

  it.scoped("who joins gets a last look too, though its answer takes its time", () =>
    Effect.gen(function* () {
      const { services } = yield* sharing(({ at }) =>
        Effect.delay(Effect.succeed(at >= 9500 ? claimed : pending), "100 millis")
      )
      const complete = SignIn.complete(pinFor("30 minutes")).pipe(steady, Effect.provide(services))
      const two = yield* Effect.forkAll([complete, complete])
      yield* TestClock.adjust("1 minute")
      for (const each of yield* Fiber.join(two)) assertEquals(each, token)
    })
  )

  it.scoped("case 2, case 32, threat 15: forty that join and leave are no forty requests", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(() => pending)
      const pin = pinFor("30 minutes")
      yield* SignIn.wait(pin).pipe(slowly, Effect.provide(services), Effect.fork)
      for (let i = 0; i < 40; i++) {
        yield* Effect.fork(SignIn.complete(pin, { within: "500 millis" }).pipe(Effect.provide(services)))
        yield* TestClock.adjust("45 millis")
      }
      yield* TestClock.adjust("2 seconds")
      const looks = yield* times
      assertTrue(looks.length <= 4, looks.join())
      for (const gap of gaps(looks)) assertTrue(gap >= 1000, looks.join())
    })
  )

  it.scoped("whoever waits on goes on when the one who came first has no more time", () =>
    Effect.gen(function* () {
      const { services, times } = yield* sharing(claimedAt(6))
      const pin = pinFor("30 minutes")
      const complete = yield* SignIn.complete(pin, { within: "3 seconds" }).pipe(
        steady,
        Effect.provide(services),
        Effect.flip,
        Effect.fork
      )
      const wait = yield* SignIn.wait(pin).pipe(Effect.provide(services), Effect.fork)
      yield* TestClock.adjust("3 seconds")
      assertInstanceOf(yield* Fiber.join(complete), PinNotClaimed)
      yield* TestClock.adjust("1 minute")
      assertEquals(yield* Fiber.join(wait), token)
      deepStrictEqual(yield* times, [0, 1000, 2000, 3000, 4000, 5000])
    })
  )
})

describe("events", () => {
  const told = (answer: Parameters<typeof watched>[0], time: Duration.DurationInput) =>
    Effect.gen(function* () {
      const { services } = yield* sharing(answer)
      const events = yield* Ref.make<ReadonlyArray<WaitEvent>>([])
      const fiber = yield* SignIn.wait(pinFor("1 minute"), {
        onEvent: (event) => Ref.update(events, (before) => [...before, event])
      }).pipe(steady, Effect.provide(services), Effect.withRandom(Random.make("seed")), Effect.fork)
      yield* TestClock.adjust(time)
      return { events: yield* Ref.get(events), exit: yield* Fiber.poll(fiber) }
    })

  it.scoped("tell of each pause before it: how long it is, and how much time is left", () =>
    Effect.gen(function* () {
      const { events, exit } = yield* told(claimedAt(3), "3 seconds")
      assertTrue(Option.isSome(exit))
      deepStrictEqual(
        events.map(({ _tag, nextLook, timeLeft }) => [_tag, Duration.toMillis(nextLook), Duration.toMillis(timeLeft)]),
        [
          ["Waiting", 1000, 60_000],
          ["Waiting", 1000, 59_000],
          ["Waiting", 1000, 58_000]
        ]
      )
    })
  )

  it.scoped("name what went wrong: slowed down by plex.tv, or a fault that is retried; then all is well again", () =>
    Effect.gen(function* () {
      const { events } = yield* told(({ n }) => {
        if (n === 1) return Effect.fail(limited("2 seconds"))
        return n === 2 ? Effect.fail(unavailable()) : pending
      }, "30 seconds")
      const [first, slowed, retrying, ...rest] = events
      strictEqual(first?._tag, "Waiting")
      assertTrue(slowed?._tag === "SlowedDown")
      deepStrictEqual(slowed.trouble, limited("2 seconds"))
      assertTrue(Duration.greaterThanOrEqualTo(slowed.nextLook, "2 seconds"))
      assertTrue(retrying?._tag === "Retrying")
      deepStrictEqual(retrying.trouble, unavailable())
      assertTrue(rest.length > 0 && rest.every(({ _tag }) => _tag === "Waiting"))
    })
  )

  it.scoped("are told to each who waits, and whoever is slow to hear holds nobody up", () =>
    Effect.gen(function* () {
      const { services } = yield* sharing(claimedAt(3))
      const pin = pinFor("15 minutes")
      const heard = yield* Ref.make(0)
      const quick = yield* SignIn.wait(pin, { onEvent: () => Ref.update(heard, (n) => n + 1) }).pipe(
        steady,
        Effect.provide(services),
        Effect.fork
      )
      const slow = yield* SignIn.wait(pin, { onEvent: () => Effect.never }).pipe(Effect.provide(services), Effect.fork)
      yield* TestClock.adjust("3 seconds")
      assertEquals(yield* Fiber.join(quick), token)
      assertEquals(yield* Fiber.join(slow), token)
      strictEqual(yield* Ref.get(heard), 3)
    })
  )

  it.scoped("a hook has its own services, and its defect is the wait's", () =>
    Effect.gen(function* () {
      class Screen extends Context.Tag("Screen")<Screen, string>() {}
      const { services, times } = yield* sharing(() => pending)
      const wait = SignIn.wait(pinFor("15 minutes"), { onEvent: () => Effect.flatMap(Screen, Effect.dieMessage) })
      const exit = yield* wait.pipe(Effect.provide(services), Effect.provideService(Screen, "it is off"), Effect.exit)
      assertTrue(Exit.isFailure(exit))
      assertTrue(String(exit).includes("it is off"))
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(yield* times, [])
    })
  )
})

describe("a schedule without pauses", () => {
  it("threat 15: does not hammer a server in trouble", () => {
    for (const trouble of [limited("0 seconds"), unavailable()]) {
      const wait = waitByLeaps(pinFor("15 minutes"), () => Effect.fail(trouble))
      const { times } = Effect.runSync(wait.pipe(PlexAuthPolicy.with({ poll: Schedule.forever })))
      assertTrue(times.length < 200, `${times.length} looks`)
    }
  })
})

describe("the last look", () => {
  it("case 2: does not come within a second of the one before it", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { times } = Effect.runSync(waitByLeaps(pinFor("20 seconds"), () => pending, { seed }))
      const [before = 0, last = 0] = times.slice(-2)
      strictEqual(last, 20_000)
      assertTrue(last - before >= 1000, `${last - before} ms`)
    }
  })
})
