import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { AccessToken } from "../AccessToken.js"
import { Credentials } from "../Credentials.js"
import { CredentialStore } from "../CredentialStore.js"
import type { DeviceKey } from "../DeviceKey.js"
import { UntrustedToken } from "../DeviceKeyError.js"
import { PlexAuth } from "../PlexAuth.js"
import { PlexAuthPolicy } from "../PlexAuthPolicy.js"
import { claims, verify } from "../PlexJwt.js"
import type { Claims } from "../PlexJwt.js"
import { policyOver } from "./builtPolicy.js"
import { signDeviceJwt } from "./ed25519.js"
import { agree, correction, orClockWrong, plexTime } from "./plexTime.js"

/** Asks plex.tv for a token. All three steps are tried again together, since a nonce is good for one try. */
const exchanged = (
  operation: string,
  key: DeviceKey,
  { clientIdentifier }: Credentials,
  scope: ReadonlyArray<string>
) =>
  Effect.gen(function* () {
    const plex = yield* PlexAuth
    const policy = yield* policyOver(plex)
    let signedWith = 0
    const attempt = Effect.gen(function* () {
      const nonce = yield* PlexAuthPolicy.with({ retry: Schedule.stop })(plex.nonce)
      signedWith = yield* correction
      const at = yield* plexTime
      const names = scope.length === 0 ? undefined : scope.join(",")
      return yield* plex.exchangeJwt(yield* signDeviceJwt(key, { clientIdentifier, at, nonce, scope: names }))
    })
    return yield* PlexAuthPolicy.retry(attempt).pipe(
      // The refusal may be the first answer that says what time it is.
      Effect.catchTag("DeviceJwtRejected", (error) =>
        Effect.flatMap(correction, (now) => (Math.abs(now - signedWith) > agree ? attempt : Effect.fail(error)))
      ),
      Effect.provideService(PlexAuthPolicy, policy),
      orClockWrong(operation)
    )
  })

/** Of two users of one device only one has the token. */
const isOf = ({ account }: Credentials, { user }: Claims): boolean =>
  Option.getOrElse(
    Option.flatMap(user, ({ id }) => id),
    () => account.id
  ) === account.id

/** A token that an earlier run was issued and did not come to verify. */
const issuedBefore = (key: DeviceKey, credentials: Credentials) =>
  Effect.gen(function* () {
    const left = yield* (yield* CredentialStore).issued
    return Option.filter(
      left,
      (issued) =>
        issued.clientIdentifier === credentials.clientIdentifier &&
        Option.exists(claims(issued.token), (claimed) => claimed.thumbprint === key.kid && isOf(credentials, claimed))
    ).pipe(Option.map(({ token }) => token))
  })

const verifiedAs = (credentials: Credentials, key: DeviceKey) => (token: AccessToken) =>
  Effect.gen(function* () {
    const store = yield* CredentialStore
    const { account, clientIdentifier } = credentials
    yield* verify(token, { thumbprint: key.kid, clientIdentifier }).pipe(
      Effect.filterOrFail(
        (claimed) => isOf(credentials, claimed),
        () => new UntrustedToken({ operation: "PlexJwt.verify", reason: "user" })
      ),
      Effect.tapErrorTag("UntrustedToken", () => store.forgetToken(token))
    )
    const renewed = new Credentials({ account, clientIdentifier, token })
    yield* store.save(renewed)
    return renewed
  })

/**
 * Has plex.tv issue a token for the device's key in place of an account's. It is stored before anything else is done with
 * it, and the one before it stays the account's until it has been verified.
 */
export const issueToken = (operation: string, credentials: Credentials, scope: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const store = yield* CredentialStore
    const key = yield* store.deviceKey
    const verified = verifiedAs(credentials, key)
    const issued = Effect.uninterruptibleMask((restore) =>
      restore(exchanged(operation, key, credentials, scope)).pipe(
        Effect.tap((token) => store.saveIssued({ token, clientIdentifier: credentials.clientIdentifier }))
      )
    )
    const left = yield* issuedBefore(key, credentials)
    const fresh = Effect.flatMap(issued, verified)
    return yield* Option.match(left, {
      onNone: () => fresh,
      onSome: (token) => Effect.catchTag(verified(token), "UntrustedToken", () => fresh)
    })
  })
