import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"
import * as Option from "effect/Option"
import { PlexAuth } from "../PlexAuth.js"
import type { PlexKey } from "../PlexKeys.js"
import { oneAtATime } from "./oneAtATime.js"

interface KeySet {
  readonly keys: ReadonlyArray<PlexKey>
  readonly fetchedAt: number
}

/** A key that is not in the set may be new. plex.tv is not asked for it more often than this. */
const coolDown = Duration.toMillis("1 minute")

/** A key that plex.tv has withdrawn is not believed for longer than this. */
const longest = Duration.toMillis("1 day")

const sets = globalValue("@plex-auth/core/internal/keySet/sets", () => new WeakMap<PlexAuth.Service, KeySet>())

const nothing: KeySet = { keys: [], fetchedAt: Number.NEGATIVE_INFINITY }

/** The key that plex.tv signs with under this name, or none. A new name is waited for until plex.tv may be asked again. */
export const keyFor = (kid: string): Effect.Effect<Option.Option<PlexKey>, PlexAuth.KeysError, PlexAuth> =>
  Effect.flatMap(PlexAuth, (plex) => {
    const ageOf = ({ fetchedAt }: KeySet) => Effect.map(Clock.currentTimeMillis, (now) => now - fetchedAt)
    const find = ({ keys }: KeySet) => Option.fromNullable(keys.find((key) => key.kid === kid))
    const known = Effect.gen(function* () {
      const set = sets.get(plex) ?? nothing
      return (yield* ageOf(set)) < longest ? find(set) : Option.none()
    })
    const fetched = Effect.gen(function* () {
      yield* Effect.sleep(Math.max(coolDown - (yield* ageOf(sets.get(plex) ?? nothing)), 0))
      const set = { keys: yield* plex.keys, fetchedAt: yield* Clock.currentTimeMillis }
      sets.set(plex, set)
      return find(set)
    })
    const orElse = (found: Option.Option<PlexKey>, other: typeof fetched) =>
      Option.isSome(found) ? Effect.succeed(found) : other
    return Effect.flatMap(known, (found) =>
      // Whoever had to wait finds what the one before it has fetched.
      orElse(found, oneAtATime(plex)(Effect.flatMap(known, (foundNow) => orElse(foundNow, fetched))))
    )
  })
