/** What several of the tests need: looking for secrets in print, and watching a wait for a claim. */
import { fail } from "@effect/vitest/utils"
import { PlexAuth, PlexUnavailable, SignIn } from "@plex-auth/core"
import type { GetTokenRequest, GetTokenResponse, Pin } from "@plex-auth/core"
import {
  Cause,
  Chunk,
  Clock,
  DateTime,
  Duration,
  Effect,
  FastCheck,
  Fiber,
  Layer,
  Option,
  Random,
  Ref,
  TestClock
} from "effect"
import type { Exit } from "effect"
import { inspect } from "node:util"

/** A value in every form in which a program may come to print it. */
export const printed = (value: unknown): string =>
  [
    inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    JSON.stringify({ value }),
    String(value),
    ...(value instanceof Error ? [value.name, value.message, value.stack] : []),
    Cause.pretty(Cause.fail(value)),
    inspect(Cause.die(value), { depth: Infinity })
  ].join("\n")

export const assertNotPrinted = (value: unknown, ...secrets: ReadonlyArray<string>): void => {
  const text = printed(value)
  for (const secret of secrets) {
    const at = text.indexOf(secret)
    if (at >= 0) fail(`${JSON.stringify(secret)} is in print: …${text.slice(Math.max(at - 200, 0), at + 200)}…`)
  }
}

/** A value as it comes out of JSON, where the types say nothing of what it is. */
export const fromJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** JSON that is nested so deep that a function which calls itself for each level runs out of stack. */
export const deepJson = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth))

/** Every kind of JSON value. */
export const anyJson: FastCheck.Arbitrary<unknown> = FastCheck.jsonValue()

/** Plain fields that the types would not let through, and a caller without types may send. */
export const untypedInput = (fields: unknown): GetTokenRequest.Input => JSON.parse(JSON.stringify(fields))

/** A PIN in its stored form, with what a test wants to be different. */
export const storedPin = (fields: Readonly<Record<string, unknown>> = {}): unknown => ({
  _tag: "LinkPin",
  id: "1272322473",
  clientIdentifier: "Postman",
  code: "AB12",
  expiresIn: 900_000,
  receivedAt: 0,
  ...fields
})

export const unavailable = (fields: Partial<ConstructorParameters<typeof PlexUnavailable>[0]> = {}): PlexUnavailable =>
  new PlexUnavailable({ operation: "PlexAuth.getToken", reason: "reset", ...fields })

/** One call of `getToken`: the first one is `n` = 1. Times are in milliseconds. */
export interface Look {
  readonly n: number
  readonly at: number
  readonly request: GetTokenRequest.Input
}

/** What a look is answered. */
type Answer = (look: Look) => GetTokenResponse | Effect.Effect<GetTokenResponse, PlexAuth.GetTokenError>

/** A `PlexAuth` that has `getToken` alone, and remembers each call of it. */
const watch = (answer: Answer, now: Effect.Effect<number>) => {
  const looks: Array<Look> = []
  const layer = Layer.mock(PlexAuth, {
    getToken: (request) =>
      Effect.flatMap(now, (at) => {
        const look = { n: looks.length + 1, at, request }
        looks.push(look)
        const answered = answer(look)
        return Effect.isEffect(answered) ? answered : Effect.succeed(answered)
      })
  })
  return { looks, layer }
}

/** The same on the clock of the test: `looks` are those made so far. */
export const watched = (answer: Answer) =>
  Effect.sync(() => {
    const { layer, looks } = watch(answer, Clock.currentTimeMillis)
    return { layer, looks: Effect.sync((): ReadonlyArray<Look> => [...looks]) }
  })

/** How a wait went, on a clock that began at 0. */
interface Wait {
  /** `None` while it goes on. */
  readonly exit: Option.Option<Exit.Exit<Effect.Effect.Success<ReturnType<typeof SignIn.wait>>, SignIn.WaitError>>
  readonly endedAt: number
  readonly looks: ReadonlyArray<Look>
  readonly times: ReadonlyArray<number>
}

const ended = (looks: ReadonlyArray<Look>) => ({ looks, times: looks.map(({ at }) => at) })

/** Waits for a claim on TestClock, which goes on for `time` after the wait began. */
export const waitOnTestClock = Effect.fnUntraced(function* (pin: Pin, answer: Answer, time: Duration.DurationInput) {
  const { layer, looks } = yield* watched(answer)
  const endedAt = yield* Ref.make(Number.NaN)
  const fiber = yield* SignIn.wait(pin).pipe(
    Effect.provide(layer),
    Effect.onExit(() => Effect.flatMap(Clock.currentTimeMillis, (now) => Ref.set(endedAt, now))),
    Effect.fork
  )
  yield* TestClock.adjust(time)
  const exit = yield* Fiber.poll(fiber)
  return { exit, endedAt: yield* Ref.get(endedAt), ...ended(yield* looks) } satisfies Wait
})

/** The timers that are still set on TestClock. */
export const timers = Effect.map(TestClock.sleeps(), Chunk.toReadonlyArray)

/**
 * A clock for one fiber that does not wait: a sleep moves it on and is over. It takes the long simulations, for which
 * TestClock would need minutes. `wallClock` says what the wall clock shows at a time of the monotonic one.
 */
export const makeLeapingClock = (wallClock: (now: number) => number = (now) => now): Clock.Clock => {
  let now = 0
  const nanos = () => BigInt(now) * 1_000_000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => wallClock(now),
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(() => wallClock(now)),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.sync(() => {
        now += Duration.toMillis(duration)
      })
  }
}

/** On which each sleep takes a hundred times as long, and no time. */
export const hastyClock = (): Clock.Clock => {
  const clock = makeLeapingClock()
  return { ...clock, sleep: (duration) => clock.sleep(Duration.times(Duration.decode(duration), 100)) }
}

const monotonicMillis = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** A wait for a claim on a leaping clock of its own, to its end. The seed decides about the jitter. */
export const waitByLeaps = (
  pin: Pin,
  answer: Answer,
  { seed = "seed", wallClock }: { readonly seed?: string | number; readonly wallClock?: (now: number) => number } = {}
) =>
  Effect.gen(function* () {
    const { layer, looks } = watch(answer, monotonicMillis)
    const exit = yield* Effect.exit(Effect.provide(SignIn.wait(pin), layer))
    return { exit, endedAt: yield* monotonicMillis, ...ended(looks) }
  }).pipe(Effect.withClock(makeLeapingClock(wallClock)), Effect.withRandom(Random.make(seed)))

/** How long it was between each time and the one before it. */
export const gaps = (times: ReadonlyArray<number>): ReadonlyArray<number> =>
  times.slice(1).map((time, i) => time - (times[i] ?? Number.NaN))

export const assertBetween = (actual: number | undefined, least: number, most: number): void => {
  if (actual === undefined || !(actual >= least && actual <= most)) fail(`${actual} is not within ${least} and ${most}`)
}

export const utc = (millis: number): DateTime.Utc => DateTime.unsafeMake(millis)

const underWay = new Set<Promise<unknown>>()

// WebCrypto works in threads of its own, and TestClock knows nothing of them: on a busy machine the time went on by hours
// while a JWT was being signed.
Object.defineProperty(crypto, "subtle", {
  value: new Proxy(crypto.subtle, {
    get: (subtle, name) => {
      const method: unknown = Reflect.get(subtle, name)
      if (typeof method !== "function") return method
      return (...args: ReadonlyArray<unknown>) => {
        const work = Promise.resolve<unknown>(Reflect.apply(method, subtle, args))
        underWay.add(work)
        void Promise.allSettled([work]).then(() => underWay.delete(work))
        return work
      }
    }
  })
})

/** Lets what is under way outside of Effect, such as WebCrypto's work, come to an end. */
const settle = Effect.promise(async () => {
  for (let turns = 0; turns < 30; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (underWay.size === 0) continue
    await Promise.allSettled(underWay)
    turns = 0
  }
})

/** Until something waits for TestClock. */
export const asleep: Effect.Effect<void> = Effect.flatMap(TestClock.sleeps(), (times) =>
  Chunk.isEmpty(times) ? Effect.zipRight(settle, asleep) : Effect.void
)

/**
 * Runs an effect to its end on TestClock, which goes on to the next timer whenever nothing else happens: for effects that
 * wait for promises in between.
 */
export const drive = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    while (true) {
      yield* settle
      const exit = yield* Fiber.poll(fiber)
      if (Option.isSome(exit)) return yield* exit.value
      const [next] = [...(yield* TestClock.sleeps())].sort((a, b) => a - b)
      if (next !== undefined) yield* TestClock.setTime(next)
    }
  })
