import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type { AccessToken } from "../AccessToken.js"
import type { DeviceKey } from "../DeviceKey.js"
import type { Pin } from "../Pin.js"
import type { PlexAuth } from "../PlexAuth.js"
import { InvalidRequest } from "../PlexAuthError.js"
import type { PinNotClaimed } from "../PlexAuthError.js"
import type { WaitEvent } from "../SignInEvent.js"
import type { PollError } from "./pollForClaim.js"
import { rules } from "./rules.js"
import { sharedPoll } from "./sharedPoll.js"
import type { Waiting } from "./sharedPoll.js"

const fits = (pin: Pin, deviceKey: DeviceKey | undefined): boolean =>
  Option.getOrUndefined(pin.thumbprint) === deviceKey?.kid

const wrongKey = () =>
  new InvalidRequest({ request: "SignIn.wait", issues: [{ field: "deviceKey", rule: rules.keyOfPin }] })

/** Waits, with the hook running beside it. What the hook has to clean up does not hold the token up. */
export const waiting = <R = never>(
  pin: Pin,
  how: Omit<Waiting, "hears">,
  onEvent?: (event: WaitEvent) => Effect.Effect<void, never, R>
): Effect.Effect<AccessToken, PollError | PinNotClaimed, PlexAuth | R> => {
  if (!fits(pin, how.deviceKey)) return wrongKey()
  if (onEvent === undefined) return sharedPoll(pin, { ...how, hears: () => undefined })
  return Effect.flatMap(Queue.unbounded<WaitEvent>(), (events) =>
    Effect.raceFirst(
      sharedPoll(pin, { ...how, hears: (event) => void Queue.unsafeOffer(events, event) }),
      Effect.disconnect(Effect.forever(Effect.flatMap(Queue.take(events), onEvent)))
    )
  )
}
