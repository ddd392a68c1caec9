import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { AccessToken } from "../AccessToken.js"
import type { Pin } from "../Pin.js"
import type { PlexAuth } from "../PlexAuth.js"
import type { PinExpired, PinNotClaimed } from "../PlexAuthError.js"
import type { WaitEvent } from "../SignInEvent.js"
import { sharedPoll } from "./sharedPoll.js"
import type { Waiting } from "./sharedPoll.js"

/** Waits, with the hook running beside it. What the hook has to clean up does not hold the token up. */
export const waiting = <R = never>(
  pin: Pin,
  how: Omit<Waiting, "hears">,
  options?: { readonly onEvent: (event: WaitEvent) => Effect.Effect<void, never, R> }
): Effect.Effect<AccessToken, PlexAuth.GetTokenError | PinExpired | PinNotClaimed, PlexAuth | R> => {
  if (options === undefined) return sharedPoll(pin, { ...how, hears: () => undefined })
  return Effect.flatMap(Queue.unbounded<WaitEvent>(), (events) =>
    Effect.raceFirst(
      sharedPoll(pin, { ...how, hears: (event) => void Queue.unsafeOffer(events, event) }),
      Effect.disconnect(Effect.forever(Effect.flatMap(Queue.take(events), options.onEvent)))
    )
  )
}
