/**
 * The flows over `PlexAuth`: create a PIN, show it, wait for the token.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { AccessToken } from "./AccessToken.js"
import type { CreatePinRequest } from "./CreatePinRequest.js"
import { pollForClaim } from "./internal/pollForClaim.js"
import type { LinkPin, Pin, StrongPin } from "./Pin.js"
import { PlexAuth } from "./PlexAuth.js"
import { InvalidResponse } from "./PlexAuthError.js"
import type { PinExpired } from "./PlexAuthError.js"

/**
 * What {@link wait} can fail with.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import type { SignIn } from "@plex-auth/core"
 *
 * const isWorthANewPin = (error: SignIn.WaitError): boolean =>
 *   error._tag === "PinExpired" || error._tag === "PinNotFound"
 * ```
 */
export type WaitError = PlexAuth.GetTokenError | PinExpired

/**
 * Creates the PIN that a sign-in begins with: a `StrongPin` with `strong: true`, to be claimed in the auth app; else a
 * `LinkPin`, to be claimed at https://plex.tv/link. Fails like `PlexAuth.createPin`.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const pin = yield* SignIn.start()
 *   yield* Console.log(`Enter ${pin.code} at https://plex.tv/link`)
 *   return yield* SignIn.wait(pin)
 * })
 * ```
 */
export function start(
  request: CreatePinRequest.Input & { readonly strong: true }
): Effect.Effect<StrongPin, PlexAuth.CreatePinError, PlexAuth>
export function start(
  request?: CreatePinRequest.Input & { readonly strong?: false | undefined }
): Effect.Effect<LinkPin, PlexAuth.CreatePinError, PlexAuth>
export function start(request: CreatePinRequest.Input): Effect.Effect<Pin, PlexAuth.CreatePinError, PlexAuth>
export function start(request: CreatePinRequest.Input = {}): Effect.Effect<Pin, PlexAuth.CreatePinError, PlexAuth> {
  return Effect.flatMap(PlexAuth, (plex) => plex.createPin(request)).pipe(
    Effect.filterOrFail(
      (pin) => pin._tag === (request.strong === true ? "StrongPin" : "LinkPin"),
      () => new InvalidResponse({ operation: "PlexAuth.createPin", reason: "unexpected", status: 201, paths: ["code"] })
    )
  )
}

/**
 * Waits until the user has claimed a PIN, and gives the token.
 *
 * One loop, paced by `PlexAuthPolicy.poll`, until the PIN's deadline: `expiresIn` from the moment at which the PIN
 * arrived, on a clock that only goes forward. A last look is taken at the deadline, and may take as long as a request
 * may. Trouble on the way (`RateLimited`, `PlexUnavailable`, `InvalidResponse`) does not end the wait but widens its
 * interval, up to some 15 seconds; `Retry-After` is honoured, and after a 429 the interval stays wider. There is no
 * other retry below it. Interrupting it ends the request in flight.
 *
 * Fails with
 * - `PinExpired` when nobody claimed the PIN in time, with the last trouble on the way;
 * - `RateLimited` or `PlexUnavailable` at once when the server asks to be left alone for longer than the PIN lives;
 * - `PinNotFound` and each other error of `PlexAuth.getToken` at once.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category flows
 * @example
 * ```ts
 * import { PlexAuth, SignIn } from "@plex-auth/core"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   const pin = yield* SignIn.start()
 *   yield* Console.log(`Enter ${pin.code} at https://plex.tv/link`)
 *   const token = yield* SignIn.wait(pin)
 *   const account = yield* plex.account(token)
 *   yield* Console.log(`Hello, ${account.displayName}`)
 * })
 * ```
 */
export const wait = (pin: Pin): Effect.Effect<AccessToken, WaitError, PlexAuth> => pollForClaim(pin)
