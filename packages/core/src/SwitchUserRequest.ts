/**
 * A switch to another user of a Plex Home.
 *
 * @since 0.1.0
 */
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { rules, saying } from "./internal/rules.js"

/**
 * Which user of a Plex Home to switch to, and that user's PIN where one is asked for: four digits.
 *
 * @see https://developer.plex.tv/pms/
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { SwitchUserRequest } from "@plex-auth/core"
 * import { Redacted } from "effect"
 *
 * const request = new SwitchUserRequest({ uuid: "0123456789abcdef", pin: Redacted.make("1234") })
 * ```
 */
export class SwitchUserRequest extends Schema.Class<SwitchUserRequest>("SwitchUserRequest")({
  uuid: Schema.String.pipe(Schema.pattern(/^[0-9A-Za-z-]{1,64}$/)).annotations(saying(rules.uuid)),
  pin: Schema.optional(
    Schema.RedactedFromSelf(Schema.String.pipe(Schema.pattern(/^[0-9]{4}$/))).annotations(saying(rules.homePin))
  )
}) {}

/**
 * The plain fields of the request.
 *
 * @since 0.1.0
 * @example
 * ```ts
 * import type { SwitchUserRequest } from "@plex-auth/core"
 *
 * const unprotected: SwitchUserRequest.Input = { uuid: "0123456789abcdef" }
 * ```
 */
export declare namespace SwitchUserRequest {
  /**
   * The plain fields of a {@link SwitchUserRequest}, before they are decoded.
   *
   * @since 0.1.0
   * @category models
   * @example
   * ```ts
   * import type { SwitchUserRequest } from "@plex-auth/core"
   * import { Redacted } from "effect"
   *
   * const input: SwitchUserRequest.Input = { uuid: "0123456789abcdef", pin: Redacted.make("1234") }
   * ```
   */
  export interface Input {
    readonly uuid: string
    readonly pin?: Redacted.Redacted | undefined
  }
}
