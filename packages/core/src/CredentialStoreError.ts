/**
 * What can go wrong with a `CredentialStore`. None of it has a secret in it, nor anything that the store holds.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const Where = Schema.String.annotations({ description: "The path of the file, or the key" })

/**
 * The store could not be read or written: permission denied, no space left, a symbolic link in the file's place, another
 * process that does not let go. What the store held before is still there.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { CredentialStore } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = CredentialStore.pipe(
 *   Effect.flatMap((store) => store.credentials),
 *   Effect.catchTag("StoreUnavailable", (error) => Effect.logError(error.message))
 * )
 * // The credentials in /home/alice/.config/app/plex.json cannot be read: permission denied. Mend that, and try again.
 * ```
 */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  where: Where,
  operation: Schema.Literal("read", "write"),
  reason: Schema.String.annotations({ description: "Why, in words" })
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const done = this.operation === "read" ? "read" : "written"
    return `The credentials in ${this.where} cannot be ${done}: ${this.reason}. Mend that, and try again.`
  }
}

/**
 * The store holds something that is no document of this version: it is left as it is, whatever is asked of the store.
 * `issues` are the paths in the document that are wrong, and none when it is no JSON at all. A document of a newer
 * version is wrong at `version`.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { StoreDamaged } from "@plex-auth/core"
 *
 * console.log(new StoreDamaged({ where: "/home/alice/.config/app/plex.json", issues: ["version"] }).message)
 * ```
 */
export class StoreDamaged extends Schema.TaggedError<StoreDamaged>()("StoreDamaged", {
  where: Where,
  issues: Schema.Array(Schema.String)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const what = this.issues.includes("version")
      ? "are of another version of this library, or damaged"
      : this.issues.length === 0
        ? "are damaged: this is no document in JSON"
        : `are damaged at ${this.issues.join(", ")}`
    return `The credentials in ${this.where} ${what}. They were left as they are. Move them away and sign in again.`
  }
}
