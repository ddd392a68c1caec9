import type { PlatformError } from "@effect/platform/Error"
import type * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Effect from "effect/Effect"
import { StoreUnavailable } from "../CredentialStoreError.js"
import { platformReason } from "./platformReason.js"
import type { StoreBacking } from "./StoreBacking.js"

/** A text under a key. No `KeyValueStore` can lock it: of two processes that write at once, the later one has its way. */
export const keyValueBacking = (keyValueStore: KeyValueStore.KeyValueStore, key: string): StoreBacking => {
  const where = `the key ${key}`
  const failed = (operation: "read" | "write") =>
    Effect.mapError((error: PlatformError) => new StoreUnavailable({ where, operation, reason: platformReason(error) }))
  return {
    where,
    read: keyValueStore.get(key).pipe(failed("read")),
    exclusively: (use) => use((text) => keyValueStore.set(key, text).pipe(failed("write")))
  }
}
