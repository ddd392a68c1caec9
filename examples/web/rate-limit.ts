import { Clock, Data, Duration, Effect, Ref } from "effect"

/** Somebody asks too often, and may ask again after a while. */
export class TooMany extends Data.TaggedError("TooMany")<{ readonly retryAfter: Duration.Duration }> {}

type Times = ReadonlyMap<string, ReadonlyArray<number>>

/**
 * Lets each key pass so many times within a window, and fails with `TooMany` otherwise; who is refused is not counted.
 *
 * It remembers in memory, so several instances let through as many times as much: plex.tv is spared all the same. A limit
 * for all of them together would need a counter that the store counts up in one step.
 */
export const rateLimit = (options: { readonly times: number; readonly window: Duration.DurationInput }) =>
  Effect.gen(function* () {
    const window = Duration.toMillis(options.window)
    const passed = yield* Ref.make<Times>(new Map())

    const pass =
      (key: string, now: number) =>
      (all: Times): readonly [number, Times] => {
        // What is older than the window goes, whoever it was, so that strangers do not fill the memory.
        const recent = new Map(
          Array.from(all, ([each, times]) => [each, times.filter((time) => time > now - window)] as const).filter(
            ([, times]) => times.length > 0
          )
        )
        const times = recent.get(key) ?? []
        const [oldest] = times
        if (oldest !== undefined && times.length >= options.times) return [oldest + window - now, recent]
        return [0, recent.set(key, [...times, now])]
      }

    return (key: string): Effect.Effect<void, TooMany> =>
      Effect.gen(function* () {
        const wait = yield* Ref.modify(passed, pass(key, yield* Clock.currentTimeMillis))
        if (wait > 0) return yield* new TooMany({ retryAfter: Duration.millis(wait) })
      })
  })
