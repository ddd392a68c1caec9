/**
 * The tokens that plex.tv issues for a device's key: JWTs that live for seven days.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { AccessToken } from "./AccessToken.js"
import type { ClientIdentifier } from "./ClientIdentifier.js"
import { UntrustedToken } from "./DeviceKeyError.js"
import type { CryptoUnavailable } from "./DeviceKeyError.js"
import { isSignedWith } from "./internal/ed25519.js"
import { headerOf, payloadOf } from "./internal/jws.js"
import { keyFor } from "./internal/keySet.js"
import { lenient, lenientBoolean, lenientSecret, lenientString } from "./internal/lenient.js"
import { plexTime } from "./internal/plexTime.js"
import type { PlexAuth } from "./PlexAuth.js"
import type { Thumbprint } from "./Thumbprint.js"

/** Seconds since 1970 (RFC 7519, section 2), as far as there are dates. */
const NumericDate = Schema.transform(
  Schema.JsonNumber.pipe(Schema.between(-8_640_000_000_000, 8_640_000_000_000)),
  Schema.DateTimeUtcFromSelf,
  {
    strict: true,
    decode: (seconds) => DateTime.unsafeMake(seconds * 1000),
    encode: (time) => DateTime.toEpochMillis(time) / 1000
  }
)

/**
 * What a token of plex.tv says: who issued it (`iss`) for whom (`aud`), from when (`iat`) until when (`exp`), for which
 * device's key (`thumbprint`), and whose it is (`user`), with what its `scope` asked for.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { PlexJwt } from "@plex-auth/core"
 * import { DateTime } from "effect"
 *
 * const lives = (claims: PlexJwt.Claims, at: DateTime.Utc): boolean => DateTime.lessThan(at, claims.exp)
 * ```
 */
export class Claims extends Schema.Class<Claims>("PlexJwt.Claims")({
  iss: Schema.String,
  aud: Schema.ArrayEnsure(Schema.String),
  iat: NumericDate,
  exp: NumericDate,
  thumbprint: Schema.String,
  user: lenient(
    Schema.Struct({
      id: lenient(Schema.Int, "number"),
      uuid: lenientString,
      username: lenientString,
      email: lenientSecret,
      friendly_name: lenientString,
      restricted: lenientBoolean
    }),
    "object"
  )
}) {}

const decodeClaims = Schema.decodeUnknownOption(Claims)

/**
 * What a token claims, without a look at its signature: good for when it ends, and for nothing that somebody could gain by.
 * `None` for a legacy token, which is no JWT.
 *
 * @since 0.1.0
 * @category getters
 * @example
 * ```ts
 * import { PlexJwt } from "@plex-auth/core"
 * import type { AccessToken } from "@plex-auth/core"
 * import { Option } from "effect"
 *
 * const expiresAt = (token: AccessToken) => Option.map(PlexJwt.claims(token), ({ exp }) => exp)
 * ```
 */
export const claims = (token: AccessToken): Option.Option<Claims> => Option.flatMap(payloadOf(token), decodeClaims)

/**
 * What {@link verify} can fail with.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import type { PlexJwt } from "@plex-auth/core"
 *
 * const isForged = (error: PlexJwt.VerifyError): boolean => error._tag === "UntrustedToken"
 * ```
 */
export type VerifyError = UntrustedToken | CryptoUnavailable | PlexAuth.KeysError

const operation = "PlexJwt.verify"

const distrust = (reason: UntrustedToken["reason"]) => new UntrustedToken({ operation, reason })

/** How far in the future a token may begin, and how long ago it may have ended. Milliseconds. */
const tolerance = 60_000

/**
 * Verifies a token that plex.tv issued for a device's key, and gives what it says: signed with EdDSA, by a key of plex.tv's
 * (`GET /auth/keys`, asked again for a key that is unknown, once a minute at most); from plex.tv, for plex.tv and the client
 * identifier given; valid now, give or take a minute; for the key with this thumbprint.
 *
 * Fails with
 * - `UntrustedToken` when any of that is not so;
 * - `CryptoUnavailable` where the platform has no WebCrypto with Ed25519;
 * - each error of `PlexAuth.keys`, which says nothing about the token.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725
 * @since 0.1.0
 * @category verification
 * @example
 * ```ts
 * import { CredentialStore, PlexJwt } from "@plex-auth/core"
 * import type { AccessToken } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const verified = (token: AccessToken) =>
 *   Effect.gen(function* () {
 *     const store = yield* CredentialStore
 *     const { kid } = yield* store.deviceKey
 *     const clientIdentifier = yield* store.clientIdentifier
 *     return yield* PlexJwt.verify(token, { thumbprint: kid, clientIdentifier })
 *   })
 * ```
 */
export const verify = Effect.fn("PlexJwt.verify", { captureStackTrace: false })(function* (
  token: AccessToken,
  { clientIdentifier, thumbprint }: { readonly thumbprint: Thumbprint; readonly clientIdentifier: ClientIdentifier }
): Effect.fn.Return<Claims, VerifyError, PlexAuth> {
  const header = headerOf(token)
  if (Option.isNone(header)) return yield* distrust("malformed")
  const { alg, kid } = header.value
  if (alg !== "EdDSA") return yield* distrust("algorithm")
  if (typeof kid !== "string") return yield* distrust("unknownKey")
  const key = yield* keyFor(kid)
  if (Option.isNone(key)) return yield* distrust("unknownKey")
  if (!(yield* isSignedWith(operation, token, key.value))) return yield* distrust("signature")

  const claimed = claims(token)
  if (Option.isNone(claimed)) return yield* distrust("malformed")
  const { aud, exp, iat, iss } = claimed.value
  if (iss !== "plex.tv") return yield* distrust("issuer")
  if (!aud.includes("plex.tv") || !aud.includes(clientIdentifier)) return yield* distrust("audience")
  const now = yield* plexTime
  const begins = DateTime.toEpochMillis(iat)
  const ends = DateTime.toEpochMillis(exp)
  if (begins >= ends || now < begins - tolerance || now >= ends + tolerance) return yield* distrust("time")
  if (claimed.value.thumbprint !== thumbprint) return yield* distrust("thumbprint")
  return claimed.value
})
