/**
 * What happens during a sign-in, for a program that shows it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import type { Credentials } from "./Credentials.js"
import type { Pin } from "./Pin.js"
import type { InvalidResponse, PlexUnavailable, RateLimited } from "./PlexAuthError.js"

/**
 * What `SignIn.wait` tells before each pause of its own: `timeLeft` is what the PIN has left, `nextLook` how long it is
 * until plex.tv is asked again.
 *
 * - `Waiting`: nobody has claimed the PIN yet.
 * - `SlowedDown`: plex.tv asked for fewer requests, and gets fewer from now on.
 * - `Retrying`: the last look failed, and another one will be taken.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { WaitEvent } from "@plex-auth/core"
 * import { Duration } from "effect"
 *
 * const line = (event: WaitEvent): string =>
 *   event._tag === "Waiting"
 *     ? `${Duration.format(event.timeLeft)} left`
 *     : `${event.trouble.message} Trying again in ${Duration.format(event.nextLook)}.`
 * ```
 */
export type WaitEvent = Data.TaggedEnum<{
  Waiting: { readonly timeLeft: Duration.Duration; readonly nextLook: Duration.Duration }
  SlowedDown: {
    readonly trouble: RateLimited
    readonly timeLeft: Duration.Duration
    readonly nextLook: Duration.Duration
  }
  Retrying: {
    readonly trouble: PlexUnavailable | InvalidResponse
    readonly timeLeft: Duration.Duration
    readonly nextLook: Duration.Duration
  }
}>

/**
 * What `SignIn.run` tells: the events of each wait, and
 *
 * - `Created`: there is a PIN to show, which may be one that was taken up from the store.
 * - `Replaced`: the PIN before expired, and there is a new one to show.
 * - `Claimed`: the user has claimed the PIN, and the token is stored. What is left is to ask whose it is.
 * - `SignedIn`: the account is known, and all of it is stored. It is the last one.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { SignInEvent } from "@plex-auth/core"
 *
 * const isAboutThePin = (event: SignInEvent) => SignInEvent.$is("Created")(event) || SignInEvent.$is("Replaced")(event)
 * ```
 */
export type SignInEvent =
  | WaitEvent
  | Data.TaggedEnum<{
      Created: { readonly pin: Pin }
      Replaced: { readonly pin: Pin }
      Claimed: { readonly pin: Pin }
      SignedIn: { readonly credentials: Credentials }
    }>

/**
 * The constructors of the events, for tests, with `$is` and `$match`.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { SignInEvent } from "@plex-auth/core"
 * import { Duration } from "effect"
 *
 * const event = SignInEvent.Waiting({ timeLeft: Duration.minutes(15), nextLook: Duration.seconds(1) })
 * ```
 */
export const SignInEvent = Data.taggedEnum<SignInEvent>()
