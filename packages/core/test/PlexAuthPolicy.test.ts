import { describe, it } from "@effect/vitest"
import { assertEquals, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  ClientIdentifierMissing,
  defaultPoll,
  defaultRetry,
  InvalidRequest,
  InvalidResponse,
  PinExpired,
  PinNotFound,
  PlexAuthPolicy,
  RateLimited,
  Rejected,
  TokenExpired,
  Unauthorized
} from "@plex-auth/core"
import type { PlexAuthError } from "@plex-auth/core"
import { Clock, Duration, Effect, Exit, FastCheck, Fiber, Random, Ref, Schedule, TestClock } from "effect"
import { assertBetween, gaps, makeLeapingClock, timers, unavailable } from "./support.js"

const operation = "PlexAuth.getToken"

const limited = (retryAfter?: Duration.DurationInput) =>
  new RateLimited({
    operation,
    status: 429,
    ...(retryAfter === undefined ? {} : { retryAfter: Duration.decode(retryAfter) })
  })

/** Fails with each of the errors in turn, and notes when it was run. */
const failing = (errors: ReadonlyArray<PlexAuthError>) =>
  Effect.map(Ref.make<ReadonlyArray<number>>([]), (times) => ({
    times: Ref.get(times),
    attempt: Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const error = errors[(yield* Ref.getAndUpdate(times, (all) => [...all, now])).length]
      return error === undefined ? "done" : yield* Effect.failSync(() => error)
    })
  }))

/** Tries it on TestClock by the policy's retry, and says when, and what came of it. */
const tried = (errors: ReadonlyArray<PlexAuthError>, policy: Partial<PlexAuthPolicy.Service> = {}) =>
  Effect.gen(function* () {
    const { attempt, times } = yield* failing(errors)
    const started = yield* Clock.currentTimeMillis
    const fiber = yield* PlexAuthPolicy.retry(attempt).pipe(PlexAuthPolicy.with(policy), Effect.exit, Effect.fork)
    yield* TestClock.adjust("1 day")
    deepStrictEqual(yield* timers, [])
    return { exit: yield* Fiber.join(fiber), times: (yield* times).map((time) => time - started) }
  })

describe("retry", () => {
  it.effect("makes three attempts in all, half a second and a second apart, give or take a fifth", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* tried([1, 2, 3, 4].map((status) => unavailable({ status: 500 + status })))
      deepStrictEqual(exit, Exit.fail(unavailable({ status: 503 })))
      strictEqual(times.length, 3)
      strictEqual(times[0], 0)
      assertBetween(gaps(times)[0], 400, 600)
      assertBetween(gaps(times)[1], 800, 1200)
    })
  )

  it.effect("stops at the first success", () =>
    Effect.gen(function* () {
      const none = yield* tried([])
      deepStrictEqual([none.exit, none.times], [Exit.succeed("done"), [0]])
      const one = yield* tried([unavailable()])
      assertEquals(one.exit, Exit.succeed("done"))
      strictEqual(one.times.length, 2)
    })
  )

  const terminal = [
    new InvalidRequest({ request: "GetTokenRequest", issues: [{ field: "pinID", rule: "is missing" }] }),
    new ClientIdentifierMissing({ operation, status: 400, code: 1000 }),
    new PinNotFound({ operation, status: 404, code: 1020, reasons: ["expired"] }),
    new PinExpired({ waited: Duration.minutes(15), looks: 9 }),
    new Unauthorized({ operation, status: 401 }),
    new TokenExpired({ operation, status: 498 }),
    new Rejected({ operation, status: 400 }),
    new InvalidResponse({ operation, reason: "notJson", status: 200, paths: [] })
  ].map((error) => ({ error, tag: error._tag }))

  it.effect.each(terminal)("case 18: case 22: case 23: makes one attempt for $tag", ({ error }) =>
    Effect.gen(function* () {
      const { exit, times } = yield* tried([error, error])
      deepStrictEqual(exit, Exit.fail<PlexAuthError>(error))
      deepStrictEqual(times, [0])
    })
  )

  it.effect("ends at a terminal error that comes after a transient one", () =>
    Effect.gen(function* () {
      const unauthorized = new Unauthorized({ operation, status: 401 })
      const { exit, times } = yield* tried([unavailable(), unauthorized])
      deepStrictEqual(exit, Exit.fail<PlexAuthError>(unauthorized))
      strictEqual(times.length, 2)
    })
  )

  it.effect("case 3: waits for as long as Retry-After says", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* tried([limited("30 seconds"), unavailable({ retryAfter: Duration.seconds(7) })])
      assertEquals(exit, Exit.succeed("done"))
      deepStrictEqual(gaps(times), [30_000, 7000])
    })
  )

  it.effect("waits for its own pause where that is longer than Retry-After", () =>
    Effect.gen(function* () {
      const { times } = yield* tried([limited("10 millis"), limited("0 millis")])
      assertBetween(gaps(times)[0], 400, 600)
      assertBetween(gaps(times)[1], 800, 1200)
    })
  )

  it.effect("is not early by a fraction of a millisecond", () =>
    Effect.gen(function* () {
      const { times } = yield* tried([limited(Duration.micros(2_000_001n))])
      deepStrictEqual(gaps(times), [2001])
    })
  )

  it.effect("case 5: with a Retry-After that is longer than the limit it fails at once", () =>
    Effect.gen(function* () {
      const { exit, times } = yield* tried([limited("60001 millis"), limited()])
      deepStrictEqual(exit, Exit.fail(limited("60001 millis")))
      deepStrictEqual(times, [0])
    })
  )

  it.effect("waits for a Retry-After of exactly the limit, and for a longer one with a higher limit", () =>
    Effect.gen(function* () {
      deepStrictEqual((yield* tried([limited("1 minute")])).times, [0, 60_000])
      const higher = yield* tried([limited("1 hour")], { retryAfterLimit: "2 hours" })
      deepStrictEqual(higher.times, [0, 3_600_000])
      const lower = yield* tried([limited("2 seconds")], { retryAfterLimit: "1 second" })
      deepStrictEqual(lower.times, [0])
    })
  )

  it.effect("takes the schedule of the policy: none at all, or another one", () =>
    Effect.gen(function* () {
      const stopped = yield* tried([unavailable()], { retry: Schedule.stop })
      deepStrictEqual([stopped.exit, stopped.times], [Exit.fail(unavailable()), [0]])
      const errors = Array.from({ length: 9 }, () => unavailable())
      const steady = yield* tried(errors, {
        retry: Schedule.intersect(Schedule.spaced("3 seconds"), Schedule.recurs(4))
      })
      deepStrictEqual(steady.times, [0, 3000, 6000, 9000, 12_000])
      const forever = yield* tried(errors, { retry: Schedule.spaced("1 second") })
      strictEqual(forever.times.length, 10)
      assertEquals(forever.exit, Exit.succeed("done"))
    })
  )

  it.effect("gives its schedule the error to look at", () =>
    Effect.gen(function* () {
      const only503 = Schedule.recurWhile<PlexAuthError>(
        (error) => error._tag === "PlexUnavailable" && error.status === 503
      )
      const { exit, times } = yield* tried(
        [503, 503, 500, 503].map((status) => unavailable({ status })),
        { retry: only503 }
      )
      deepStrictEqual(exit, Exit.fail(unavailable({ status: 500 })))
      strictEqual(times.length, 3)
    })
  )

  it.effect("starts its schedule anew for each call", () =>
    Effect.gen(function* () {
      const { attempt, times } = yield* failing(Array.from({ length: 6 }, () => unavailable()))
      const retried = Effect.exit(PlexAuthPolicy.retry(attempt))
      const fiber = yield* Effect.fork(Effect.zipRight(retried, retried))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      strictEqual((yield* times).length, 6)
    })
  )

  it.effect("interruption while it sleeps leaves no timer and makes no further attempt", () =>
    Effect.gen(function* () {
      const { attempt, times } = yield* failing([limited("30 seconds")])
      const fiber = yield* Effect.fork(PlexAuthPolicy.retry(attempt))
      yield* TestClock.adjust("1 second")
      deepStrictEqual(yield* timers, [30_000])
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      deepStrictEqual(yield* times, [0])
    })
  )

  it.prop(
    "case 42: whatever the jitter, an attempt is within its bounds, and the same seed gives the same attempts",
    [FastCheck.integer()],
    ([seed]) => {
      const run = () =>
        Effect.runSync(
          Effect.gen(function* () {
            const { attempt, times } = yield* failing([unavailable(), unavailable(), unavailable()])
            yield* Effect.exit(PlexAuthPolicy.retry(attempt))
            return yield* times
          }).pipe(Effect.withClock(makeLeapingClock()), Effect.withRandom(Random.make(seed)))
        )
      const times = run()
      strictEqual(times.length, 3)
      assertBetween(gaps(times)[0], 400, 600)
      assertBetween(gaps(times)[1], 800, 1200)
      deepStrictEqual(run(), times)
    }
  )
})

/** The pauses of a schedule, with the seed's jitter. */
const pauses = (schedule: Schedule.Schedule<unknown>, count: number, seed: number) =>
  Effect.runSync(
    Schedule.run(
      Schedule.delays(schedule),
      0,
      Array.from({ length: count }, () => undefined)
    ).pipe(Effect.withRandom(Random.make(seed)))
  ).pipe((durations) => Array.from(durations, (duration) => Duration.toMillis(duration)))

describe("defaultPoll", () => {
  it.prop("case 2: asks once a second for two minutes, and never sooner", [FastCheck.integer()], ([seed]) => {
    const all = pauses(defaultPoll, 400, seed)
    strictEqual(all.length, 400)
    let time = 0
    for (const pause of all) {
      const usual = time < 100_000 ? [1000, 1200] : time > 150_000 && time < 550_000 ? [4000, 4800] : [1000, 6000]
      assertBetween(pause, usual[0] ?? Number.NaN, usual[1] ?? Number.NaN)
      if (time > 720_000) assertBetween(pause, 5000, 6000)
      time += pause
    }
  })

  it("case 42: no two clients ask in step", () => {
    const [a, b] = [pauses(defaultPoll, 20, 1), pauses(defaultPoll, 20, 2)]
    assertTrue(a.every((pause, i) => pause !== b[i]))
    deepStrictEqual(pauses(defaultPoll, 20, 1), a)
  })
})

describe("defaultRetry", () => {
  it("pauses twice", () => {
    strictEqual(pauses(defaultRetry, 10, 1).length, 2 + 1)
  })
})

describe("the default policy", () => {
  it.effect("is 10 seconds for a request and a minute for Retry-After", () =>
    Effect.gen(function* () {
      const policy = yield* PlexAuthPolicy.resolved
      strictEqual(Duration.toMillis(policy.requestTimeout), 10_000)
      strictEqual(Duration.toMillis(policy.retryAfterLimit), 60_000)
      strictEqual(policy.retry, defaultRetry)
      strictEqual(policy.poll, defaultPoll)
    })
  )
})
