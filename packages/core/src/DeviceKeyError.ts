/**
 * What can go wrong with a device's key and the tokens that are issued for it. None of it has a secret in it.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Code, Operation, Status } from "./internal/errorFields.js"

// `PURE` lets a bundle leave out the errors that its program does not come across.

/**
 * The key is registered to another device already (422, "Thumbprint already taken"): a store that was copied from one
 * machine to another, or a new client identifier with an old key. No new key is made silently.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { CredentialStore, SignIn } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const forget = CredentialStore.pipe(Effect.flatMap((store) => store.forgetDeviceKey))
 *
 * const signIn = SignIn.run({ jwt: true, show: () => Effect.void }).pipe(Effect.tapErrorTag("DeviceKeyTaken", () => forget))
 * ```
 */
export class DeviceKeyTaken extends Schema.TaggedError<DeviceKeyTaken>()("DeviceKeyTaken", {
  operation: Operation,
  status: Status,
  code: Code
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return "The key of this device is registered to another device (thumbprint already taken). Forget the key, and sign the user in with a new one."
  }
}

/**
 * plex.tv does not accept what the device signed (422, "Signature verification failed", or a malformed JWT): the key is not
 * the one that is registered for this client identifier, or no longer.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { DeviceJwtRejected } from "@plex-auth/core"
 *
 * console.log(new DeviceJwtRejected({ operation: "PlexAuth.exchangeJwt", status: 422 }).message)
 * ```
 */
export class DeviceJwtRejected extends Schema.TaggedError<DeviceJwtRejected>()("DeviceJwtRejected", {
  operation: Operation,
  status: Status,
  code: Code
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return "plex.tv did not accept the signature of this device: its key is not registered there, or no longer. Sign the user in again."
  }
}

/**
 * plex.tv does not accept what the device signed, and the clocks are further apart than is corrected (a day). `ahead` is by
 * how much the clock of this machine is ahead, or `behind`.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { ClockWrong } from "@plex-auth/core"
 * import { Duration } from "effect"
 *
 * const by = Duration.days(2)
 * console.log(new ClockWrong({ operation: "PlexSession.refresh", direction: "behind", by }).message)
 * // The clock of this machine is 2d behind that of plex.tv. Set it, and try again.
 * ```
 */
export class ClockWrong
  extends /*#__PURE__*/ Schema.TaggedError<ClockWrong>()("ClockWrong", {
    operation: Operation,
    direction: /*#__PURE__*/ Schema.Literal("ahead", "behind"),
    by: Schema.DurationFromMillis
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    const preposition = this.direction === "ahead" ? "ahead of" : "behind"
    return `The clock of this machine is ${Duration.format(this.by)} ${preposition} that of plex.tv. Set it, and try again.`
  }
}

/**
 * A token is not what plex.tv issues to this device. Nothing should be done with it. `reason` says what is wrong with it:
 *
 * - `malformed`: it is no JWT, or a claim that has to be there is not;
 * - `algorithm`: it is signed otherwise than with EdDSA;
 * - `unknownKey`: plex.tv does not have the key that it says it is signed with;
 * - `signature`: the signature is wrong;
 * - `issuer`, `audience`: it is not from plex.tv, or not for plex.tv and this client identifier;
 * - `time`: it is not valid yet, or no longer;
 * - `thumbprint`: it is for another device's key;
 * - `user`: it is another user's than the one before it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { UntrustedToken } from "@plex-auth/core"
 *
 * console.log(new UntrustedToken({ operation: "PlexJwt.verify", reason: "issuer" }).message)
 * ```
 */
export class UntrustedToken
  extends /*#__PURE__*/ Schema.TaggedError<UntrustedToken>()("UntrustedToken", {
    operation: Operation,
    reason: /*#__PURE__*/ Schema.Literal(
      "malformed",
      "algorithm",
      "unknownKey",
      "signature",
      "issuer",
      "audience",
      "time",
      "thumbprint",
      "user"
    )
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    return `The token is not one that plex.tv issued to this device (${this.reason}). It was not used. Sign the user in again.`
  }
}

/**
 * The platform can't do what a key needs: it has no WebCrypto (as a web page without https), or one without Ed25519.
 *
 * @see https://www.w3.org/TR/webcrypto-2/
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { DeviceKey } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const keyIfPossible = DeviceKey.generate.pipe(
 *   Effect.asSome,
 *   Effect.catchTag("CryptoUnavailable", () => Effect.succeedNone)
 * )
 * ```
 */
export class CryptoUnavailable
  extends /*#__PURE__*/ Schema.TaggedError<CryptoUnavailable>()("CryptoUnavailable", {
    operation: Operation
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    return "This platform has no WebCrypto with Ed25519. Use Node 20 or later, or a current browser over https, or sign in without a device key."
  }
}
