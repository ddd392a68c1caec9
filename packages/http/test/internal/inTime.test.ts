import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, FiberRef, TestClock, TestContext } from "effect"
import { inTime } from "../../src/internal/inTime.js"

const late = () => "late" as const

/** Never ends, and says when it is interrupted. */
const endless = Effect.gen(function* () {
  const began = yield* Deferred.make<void>()
  const interrupted = yield* Deferred.make<number>()
  const work = Effect.zipRight(Deferred.succeed(began, undefined), Effect.never).pipe(
    Effect.onInterrupt(() => Effect.flatMap(Clock.currentTimeMillis, (now) => Deferred.succeed(interrupted, now)))
  )
  return { began: Deferred.await(began), interrupted: Deferred.await(interrupted), work }
})

describe("inTime", () => {
  it.effect("gives what comes in time, success, failure and defect", () =>
    Effect.gen(function* () {
      const exits = yield* Effect.forEach([Effect.succeed(1), Effect.fail("no"), Effect.die("broken")], (work) =>
        Effect.exit(inTime("1 second", late)(work))
      )
      assert.deepStrictEqual(exits, [Exit.succeed(1), Exit.fail("no"), Exit.die("broken")])
    })
  )

  it.effect("ends what takes longer at its own time, whichever was begun first", () =>
    Effect.gen(function* () {
      const ended: Array<readonly [string, number]> = []
      const slow = (limit: `${number} seconds`) =>
        inTime(
          limit,
          late
        )(Effect.never).pipe(
          Effect.flip,
          Effect.flatMap(() => Clock.currentTimeMillis),
          Effect.map((now) => void ended.push([limit, now])),
          Effect.fork
        )
      yield* slow("10 seconds")
      yield* TestClock.adjust("1 seconds")
      yield* slow("3 seconds")
      yield* slow("20 seconds")
      yield* slow("3 seconds")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(ended, [
        ["3 seconds", 4_000],
        ["3 seconds", 4_000],
        ["10 seconds", 10_000],
        ["20 seconds", 21_000]
      ])
    })
  )

  it.effect("waits until what it interrupted has cleaned up", () =>
    Effect.gen(function* () {
      let closed = false
      const work = Effect.onInterrupt(Effect.never, () =>
        Effect.zipRight(
          Effect.yieldNow(),
          Effect.sync(() => {
            closed = true
          })
        )
      )
      const fiber = yield* Effect.fork(Effect.flip(inTime("1 second", late)(work)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), "late")
      assert.isTrue(closed)
    })
  )

  it.effect("holds where the caller can't be interrupted, such as in a finalizer", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.flip(inTime("1 second", late)(Effect.never))))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(fiber), "late")
    })
  )

  it.effect("interrupts the work with its caller", () =>
    Effect.gen(function* () {
      const { began, interrupted, work } = yield* endless
      const fiber = yield* Effect.fork(inTime("1 minute", late)(work))
      yield* began
      yield* TestClock.adjust("1 second")
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.strictEqual(yield* interrupted, 1_000)
    })
  )

  it.effect("sleeps once for all, and not at all when nobody is left, since a timer keeps the process", () =>
    Effect.gen(function* () {
      const sleeping = { now: 0, most: 0, times: 0 }
      const clock = yield* Effect.clock
      const counting: Clock.Clock = {
        ...Clock.make(),
        unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
        sleep: () =>
          Effect.async<void>(() => {
            sleeping.times += 1
            sleeping.now += 1
            sleeping.most = Math.max(sleeping.most, sleeping.now)
            return Effect.sync(() => {
              sleeping.now -= 1
            })
          })
      }
      const { began, work } = yield* endless
      const run = Effect.withClock(inTime("10 seconds", late)(work), counting)
      const fibers = yield* Effect.forEach(Array.from({ length: 20 }), () => Effect.fork(run))
      yield* began
      yield* Fiber.interruptAll(fibers.slice(1))
      assert.deepStrictEqual(sleeping, { now: 1, most: 1, times: 1 })
      yield* Fiber.interruptAll(fibers)
      yield* Effect.yieldNow()
      assert.strictEqual(sleeping.now, 0)
    })
  )

  it.live("goes by the clock of each caller", () =>
    Effect.gen(function* () {
      const { began, work } = yield* endless
      const elsewhere = yield* Effect.fork(Effect.provide(inTime("1 second", late)(work), TestContext.TestContext))
      yield* began
      const here = Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.flip(inTime("1 second", late)(Effect.never)))
        yield* TestClock.adjust("1 second")
        return yield* Fiber.join(fiber)
      })
      assert.strictEqual(yield* Effect.provide(here, TestContext.TestContext), "late")
      assert.strictEqual(elsewhere.unsafePoll(), null)
      yield* Fiber.interrupt(elsewhere)
    })
  )

  it.effect("has no end with a limit that is longer than a timer can be", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(inTime(Duration.infinity, late)(Effect.delay(Effect.succeed(1), "20 days")))
      yield* TestClock.adjust("20 days")
      assert.strictEqual(yield* Fiber.join(fiber), 1)
    })
  )

  it.effect("keeps what the work sets in its fiber to itself", () =>
    Effect.gen(function* () {
      const ref = FiberRef.unsafeMake("before")
      yield* inTime("1 second", late)(FiberRef.set(ref, "within"))
      assert.strictEqual(yield* FiberRef.get(ref), "before")
    })
  )
})
