import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"

/** 128 random bits that nobody can guess. `crypto.randomUUID` is not there on a page that came over plain http. */
export const randomHex: Effect.Effect<string> = Effect.sync(() =>
  Encoding.encodeHex(crypto.getRandomValues(new Uint8Array(16)))
)
