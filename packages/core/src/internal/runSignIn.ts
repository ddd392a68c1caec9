import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { AccessToken } from "../AccessToken.js"
import type { ClientIdentifier } from "../ClientIdentifier.js"
import { Credentials } from "../Credentials.js"
import { CredentialStore } from "../CredentialStore.js"
import type { Pin } from "../Pin.js"
import { PlexAuth } from "../PlexAuth.js"
import type { PinExpired, PinNotClaimed, PinNotFound } from "../PlexAuthError.js"
import { claims, verify } from "../PlexJwt.js"
import type { PublicJwk } from "../PublicJwk.js"
import { PlexAuthPolicy } from "../PlexAuthPolicy.js"
import type { RunOptions } from "../SignIn.js"
import { SignInEvent } from "../SignInEvent.js"
import { policyOver } from "./builtPolicy.js"
import { monotonicMillis } from "./monotonic.js"
import type { PollError } from "./pollForClaim.js"
import { oneAtATime } from "./oneAtATime.js"
import { sameClient } from "./sameClient.js"
import { timeLeft } from "./timeLeft.js"
import { waiting } from "./waiting.js"

/** A whole sign-in with PINs of one kind, as the docs of `SignIn.run` have it. */
export const signIn = <P extends Pin, E, R, R2>(
  options: RunOptions<P, E, R, R2>,
  isOfKind: (pin: Pin) => pin is P,
  create: (jwk?: PublicJwk) => Effect.Effect<P, PlexAuth.CreatePinError, PlexAuth>
) =>
  Effect.flatMap(CredentialStore, (store) =>
    oneAtATime(store)(
      Effect.gen(function* () {
        const { onEvent = () => Effect.void, replacements = 2, resume: takesUp = false, show, within } = options
        const patience = within === undefined ? Number.POSITIVE_INFINITY : Math.ceil(Duration.toMillis(within))
        const giveUpAt = (yield* monotonicMillis) + patience

        const policy = yield* policyOver(yield* PlexAuth)
        // In the store before plex.tv hears of it.
        const deviceKey = options.jwt === true ? yield* store.deviceKey : undefined
        const createStored = PlexAuthPolicy.retry(create(deviceKey?.publicJwk)).pipe(
          Effect.provideService(PlexAuthPolicy, policy),
          Effect.tap((pin) => store.savePending(pin))
        )

        /** The token, or why there will never be one for this PIN. */
        const claimOf = Effect.fnUntraced(function* (pin: P, isOld: boolean) {
          yield* show(pin)
          const left = Math.max(giveUpAt - (yield* monotonicMillis), 0)
          return yield* Effect.uninterruptibleMask((restore) =>
            restore(waiting(pin, { patience: left, atOnce: isOld, deviceKey }, onEvent)).pipe(
              Effect.tap((token) => store.saveToken({ token, clientIdentifier: pin.clientIdentifier })),
              Effect.map(Either.right),
              Effect.catchIf(isGone(isOld), (error) => Effect.succeed(Either.left(error)))
            )
          )
        }, Effect.scoped)

        const isSame = (pin: Pin): pin is P => isOfKind(pin) && Option.getOrUndefined(pin.thumbprint) === deviceKey?.kid
        const old = takesUp ? yield* leftBehind(options.xPlexClientIdentifier, isSame, deviceKey !== undefined) : {}
        if (old.credentials !== undefined) {
          yield* onEvent(SignInEvent.SignedIn({ credentials: old.credentials }))
          return old.credentials
        }

        let pin = old.pin ?? (yield* createStored)
        let left = old.pin === undefined ? replacements : replacements + 1
        yield* onEvent(SignInEvent.Created({ pin }))
        while (true) {
          const claim = yield* claimOf(pin, pin === old.pin)
          if (Either.isRight(claim)) {
            yield* onEvent(SignInEvent.Claimed({ pin }))
            const credentials = yield* verified(claim.right, pin.clientIdentifier, deviceKey !== undefined)
            yield* onEvent(SignInEvent.SignedIn({ credentials }))
            return credentials
          }
          yield* store.forgetPending(pin)
          if (!(left-- > 0) || (yield* monotonicMillis) >= giveUpAt) return yield* Effect.fail(claim.left)
          pin = yield* createStored
          yield* onEvent(SignInEvent.Replaced({ pin }))
        }
      })
    )
  )

/** What an earlier run has left in the store, if it is of use: credentials, once verified, or a PIN to wait on for. */
const leftBehind = <P extends Pin>(
  clientIdentifier: string | undefined,
  isOfKind: (pin: Pin) => pin is P,
  isJwt: boolean
) =>
  Effect.gen(function* () {
    const store = yield* CredentialStore
    const token = Option.filter(
      yield* store.unverified,
      (unverified) => Option.isSome(claims(unverified.token)) === isJwt
    )
    if (Option.isSome(token)) {
      yield* sameClient("SignIn.run", token.value.clientIdentifier, clientIdentifier)
      const credentials = yield* verified(token.value.token, token.value.clientIdentifier, isJwt).pipe(
        Effect.asSome,
        Effect.catchTag("Unauthorized", "TokenExpired", "UntrustedToken", () => Effect.succeedNone)
      )
      if (Option.isSome(credentials)) return { credentials: credentials.value }
    }
    const pending = yield* store.pending
    if (Option.isNone(pending) || !isOfKind(pending.value)) return {}
    const pin = pending.value
    if (timeLeft(pin, yield* monotonicMillis) === 0) return {}
    yield* sameClient("SignIn.run", pin.clientIdentifier, clientIdentifier)
    return { pin }
  })

/** Asks whose token it is, and stores the answer. A token that turns out to be none is not kept. */
const verified = (token: AccessToken, clientIdentifier: ClientIdentifier, isJwt: boolean) =>
  Effect.gen(function* () {
    const store = yield* CredentialStore
    const plex = yield* PlexAuth
    const trusted = isJwt
      ? Effect.flatMap(store.deviceKey, ({ kid }) => verify(token, { thumbprint: kid, clientIdentifier }))
      : Effect.void
    const account = yield* Effect.zipRight(trusted, plex.account(token)).pipe(
      Effect.tapError((error) =>
        error._tag === "Unauthorized" || error._tag === "TokenExpired" || error._tag === "UntrustedToken"
          ? store.forgetToken(token)
          : Effect.void
      )
    )
    const credentials = new Credentials({ token, account, clientIdentifier })
    yield* store.save(credentials)
    return credentials
  })

/** Whether nobody can claim the PIN any more. Of one that was stored it may be news that plex.tv does not know it. */
const isGone =
  (isOld: boolean) =>
  (error: PollError | PinNotClaimed | CredentialStore.Error): error is PinExpired | PinNotFound =>
    error._tag === "PinExpired" ||
    (error._tag === "PinNotFound" && (isOld || error.reasons.every((reason) => reason === "expired")))
