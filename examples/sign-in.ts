import { PlexAuth, SignIn } from "@plex-auth/core"
import type { LinkPin } from "@plex-auth/core"
import { Effect } from "effect"

/** A server that is a moment ahead of the PIN's deadline says that there is no such PIN (any more). */
const isExpired = (error: SignIn.WaitError): boolean =>
  error._tag === "PinExpired" || (error._tag === "PinNotFound" && error.reasons.every((reason) => reason === "expired"))

/**
 * Signs a user in and says who it is. `show` tells the user what to do; what it starts (a countdown, say) ends with the
 * wait. When nobody claims the PIN in time there is a new one, up to three in all.
 */
export const signIn = <R>(show: (pin: LinkPin) => Effect.Effect<void, never, R>) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const token = yield* SignIn.start().pipe(
      Effect.flatMap((pin) => Effect.scoped(Effect.zipRight(show(pin), SignIn.wait(pin)))),
      Effect.retry({ while: isExpired, times: 2 })
    )
    const account = yield* plex.account(token)
    return { account, token }
  })
