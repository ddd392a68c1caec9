/**
 * Long waits and many of them, on a clock that leaps. What a single wait does, step by step, is in `SignIn.test.ts`.
 */
import { describe, it } from "@effect/vitest"
import { assertEquals, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import { InvalidResponse, Pin, PinExpired, PlexAuthTest, RateLimited } from "@plex-auth/core"
import type { PlexAuth } from "@plex-auth/core"
import { DateTime, Duration, Effect, Exit, FastCheck, Option, Schema } from "effect"
import { assertBetween, gaps, storedPin, unavailable, utc, waitByLeaps } from "../support.js"
import type { Look } from "../support.js"

const pending = PlexAuthTest.pending()

const claimed = PlexAuthTest.claimed("TOK")

const token = Option.getOrThrow(claimed.authToken)

const pinFor = (expiresIn: Duration.DurationInput, fields: Readonly<Record<string, unknown>> = {}) =>
  Schema.decodeUnknownSync(Pin)(storedPin({ expiresIn: Duration.toMillis(expiresIn), ...fields }))

const limited = (retryAfter?: Duration.DurationInput) =>
  new RateLimited({
    operation: "PlexAuth.getToken",
    status: 429,
    ...(retryAfter === undefined ? {} : { retryAfter: Duration.decode(retryAfter) })
  })

const notJson = new InvalidResponse({ operation: "PlexAuth.getToken", reason: "notJson", status: 200, paths: [] })

const run = (...args: Parameters<typeof waitByLeaps>) => Effect.runSync(waitByLeaps(...args))

const seeds = Array.from({ length: 3 }, (_, seed) => seed)

const expired = (exit: Exit.Exit<unknown, unknown>) => {
  const error = Effect.runSync(Effect.flip(exit))
  assertInstanceOf(error, PinExpired)
  return error
}

describe("case 41: how often plex.tv is asked at the most", () => {
  it("nobody claims it: 350 looks in the 900 s of a link PIN, 500 in the 1800 s of a strong one", () => {
    for (const seed of seeds) {
      const link = run(pinFor("900 seconds"), () => pending, { seed })
      assertBetween(link.times.length, 200, 350)
      const strong = run(pinFor("1800 seconds"), () => pending, { seed })
      assertBetween(strong.times.length, 300, 500)
      strictEqual(expired(strong.exit).looks, strong.times.length)
    }
  })

  it.each([
    { trouble: unavailable({ reason: "refused", detail: "ECONNREFUSED" }), most: 200 },
    { trouble: limited(), most: 180 },
    { trouble: limited("1 second"), most: 180 },
    { trouble: limited("1 minute"), most: 31 },
    { trouble: unavailable({ reason: "status", status: 503, retryAfter: Duration.minutes(5) }), most: 7 },
    { trouble: notJson, most: 200 }
  ])("the server is down for the whole 1800 s: at most $most looks for $trouble.message", ({ most, trouble }) => {
    for (const seed of seeds) {
      const { endedAt, exit, times } = run(pinFor("1800 seconds"), () => trouble, { seed })
      assertBetween(times.length, 1, most)
      if (Exit.isFailure(exit) && endedAt < 1_800_000) {
        // The last Retry-After went beyond the deadline.
        deepStrictEqual(Effect.runSync(Effect.flip(exit)), trouble)
      } else {
        const error = expired(exit)
        strictEqual(error.looks, times.length)
        strictEqual(error.lastTrouble, trouble)
        assertTrue(error.message.includes(`${times.length} times`) && error.message.includes(trouble.message))
      }
    }
  })
})

describe("case 42: 200 clients", () => {
  /** When 200 clients ask, whose server fails until a minute has passed. */
  const arrivals = (answer: (look: Look) => typeof pending | ReturnType<typeof limited | typeof unavailable>) =>
    Array.from({ length: 200 }, (_, client) =>
      run(pinFor("1800 seconds"), (look) => (look.at >= 60_000 ? claimed : answer(look)), { seed: `client ${client}` })
    ).flatMap(({ times }) => times)

  /** The largest share of them that comes within one and the same 100 ms, once the server is back. */
  const crowd = (times: ReadonlyArray<number>) => {
    const counts = new Map<number, number>()
    for (const time of times.filter((at) => at >= 60_000)) {
      counts.set(Math.floor(time / 100), (counts.get(Math.floor(time / 100)) ?? 0) + 1)
    }
    return Math.max(...counts.values())
  }

  it("the server is down: they come back spread, each with one look", () => {
    const times = arrivals(() => unavailable({ reason: "refused" }))
    strictEqual(times.filter((at) => at >= 60_000).length, 200)
    assertBetween(crowd(times), 1, 20)
  })

  it("the server answers 429: they come back spread", () => {
    assertBetween(crowd(arrivals(() => limited())), 1, 20)
  })

  it("the server says when it will be back: they do not all come at that moment", () => {
    const back = ({ at }: Look) => Duration.millis(60_000 - at)
    assertBetween(crowd(arrivals((look) => limited(back(look)))), 1, 20)
    const busy = (look: Look) => unavailable({ reason: "status", status: 503, retryAfter: back(look) })
    assertBetween(crowd(arrivals(busy)), 1, 20)
  })

  it("the same seed gives the same schedule, and another one another", () => {
    const times = (seed: string) =>
      run(pinFor("90 seconds"), ({ n }) => (n % 3 === 0 ? unavailable() : pending), { seed }).times
    deepStrictEqual(times("a"), times("a"))
    const other = times("b")
    assertTrue(
      times("a")
        .slice(0, 10)
        .every((time, i) => time !== other[i])
    )
  })
})

describe("case 20: the wall clock", () => {
  const hour = 3_600_000

  const clocks = {
    "an hour ahead": (now: number) => now + hour,
    "an hour behind": (now: number) => now - hour,
    "a day ahead": (now: number) => now + 24 * hour,
    "set forward by an hour in between": (now: number) => (now < 30_000 ? now : now + hour),
    "set back by an hour in between": (now: number) => (now < 30_000 ? now : now - hour),
    "standing still": () => 0
  }

  it.each(Object.entries(clocks))("does not matter when it is %s", (_, wallClock) => {
    const expiresAt = DateTime.formatIso(utc(wallClock(0) + 60_000))
    const pin = pinFor("1 minute", { expiresAt })
    const usual = run(pin, () => pending)
    strictEqual(usual.endedAt, 60_000)
    const other = run(pin, () => pending, { wallClock })
    deepStrictEqual([other.endedAt, other.times], [usual.endedAt, usual.times])
    assertEquals(expired(other.exit).waited, Duration.minutes(1))
    assertEquals(run(pin, ({ at }) => (at >= 40_000 ? claimed : pending), { wallClock }).exit, Exit.succeed(token))
  })
})

describe("whatever happens", () => {
  const asked = FastCheck.integer({ min: 0, max: 90_000 })

  /** An answer, and the Retry-After in it. */
  const answer = FastCheck.oneof(
    { weight: 4, arbitrary: FastCheck.constant({ answer: Effect.succeed(pending), retryAfter: 0 }) },
    FastCheck.constant({ answer: unavailable(), retryAfter: 0 }),
    FastCheck.constant({ answer: limited(), retryAfter: 0 }),
    FastCheck.constant({ answer: notJson, retryAfter: 0 }),
    asked.map((retryAfter) => ({ answer: limited(retryAfter), retryAfter })),
    asked.map((retryAfter) => ({ answer: unavailable({ retryAfter: Duration.millis(retryAfter) }), retryAfter }))
  )

  const scenario = {
    seed: FastCheck.integer(),
    lifetime: FastCheck.integer({ min: 0, max: 600_000 }),
    answers: FastCheck.array(answer, { minLength: 1, maxLength: 40 }),
    latency: FastCheck.integer({ min: 0, max: 10_000 })
  }

  it.prop("a wait keeps its rules", scenario, ({ answers, latency, lifetime, seed }) => {
    const given = (n: number) => answers[(n - 1) % answers.length] ?? { answer: Effect.succeed(pending), retryAfter: 0 }
    const { endedAt, exit, times } = run(
      pinFor(lifetime),
      ({ n }) => Effect.flatMap(Effect.sleep(latency), (): ReturnType<PlexAuth.Service["getToken"]> => given(n).answer),
      { seed }
    )

    // It ends, at the deadline or with the answer to a look that began before it.
    assertTrue(times.length > 0 && times.every((at) => at <= lifetime))
    assertTrue(endedAt <= lifetime + latency)

    times.forEach((at, i) => {
      const next = times[i + 1]
      if (next === undefined) return
      const paused = next - (at + latency)
      // No look comes within a second of the last answer, save the last one of all, which is at the deadline.
      if (next < lifetime) assertTrue(paused >= 1000, `${paused} ms`)
      // No look comes before Retry-After is over, the last one included.
      assertTrue(paused >= given(i + 1).retryAfter, `${paused} ms`)
    })

    const error = Effect.runSync(Effect.flip(exit))
    if (error._tag === "PinExpired") {
      strictEqual(error.looks, times.length)
      assertTrue(endedAt >= lifetime)
      assertEquals(error.waited, Duration.millis(endedAt))
    } else {
      // The one other way in which it ends here: it is asked to wait for longer than the PIN lives.
      assertTrue(error._tag === "RateLimited" || error._tag === "PlexUnavailable")
      assertTrue(endedAt + Duration.toMillis(error.retryAfter ?? 0) > lifetime)
    }
  })

  it.prop(
    "a claim that is there before the deadline is found, whatever trouble there was",
    { ...scenario, claimedAt: FastCheck.integer({ min: 0, max: 60_000 }) },
    ({ answers, claimedAt, seed }) => {
      const troubles = answers.filter(({ retryAfter }) => retryAfter === 0)
      const { exit, times } = run(
        pinFor("1 minute"),
        ({ at, n }) =>
          at >= claimedAt ? claimed : (troubles[n % Math.max(troubles.length, 1)]?.answer ?? unavailable()),
        { seed }
      )
      assertEquals(exit, Exit.succeed(token))
      strictEqual(times.filter((at) => at >= claimedAt).length, 1)
      for (const gap of gaps(times).slice(0, -1)) assertTrue(gap >= 1000, `${gap} ms`)
    }
  )
})
