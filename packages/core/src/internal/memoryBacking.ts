import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { StoreBacking } from "./StoreBacking.js"

/** A text in memory. */
export const memoryBacking = (): StoreBacking => {
  let stored = Option.none<string>()
  return {
    where: "memory",
    read: Effect.sync(() => stored),
    exclusively: (use) =>
      use((text) =>
        Effect.sync(() => {
          stored = Option.some(text)
        })
      )
  }
}
