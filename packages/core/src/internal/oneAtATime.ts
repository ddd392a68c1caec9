import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"

const locks = globalValue("@plex-auth/core/internal/oneAtATime/locks", () => new WeakMap<object, Effect.Semaphore>())

const lockOf = (service: object): Effect.Semaphore => {
  const lock = locks.get(service) ?? Effect.unsafeMakeSemaphore(1)
  locks.set(service, lock)
  return lock
}

/** Effects over one service take turns, in the order in which they came. */
export const oneAtATime =
  (service: object) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    lockOf(service).withPermits(1)(effect)
