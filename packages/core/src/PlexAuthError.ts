/**
 * Everything that can go wrong, as tagged errors. Each has a `message` for a person, which says what to do next, and
 * none has a secret in it: they can be logged, traced and sent to another process.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { ClockWrong, CryptoUnavailable, DeviceJwtRejected, DeviceKeyTaken, UntrustedToken } from "./DeviceKeyError.js"
import { Code, Operation, Status } from "./internal/errorFields.js"

// `PURE` lets a bundle leave out the errors that its program does not come across.

const RetryAfter = Schema.optional(
  Schema.DurationFromMillis.annotations({ description: "How long the server asked to be left alone" })
)

const seconds = (duration: Duration.Duration) => `${Math.ceil(Duration.toSeconds(duration))} s`

const answered = (status: number, code: number | undefined) =>
  code === undefined ? `HTTP ${status}` : `HTTP ${status}, code ${code}`

/**
 * The input did not decode, and nothing was sent. `issues` names each field that is wrong and the rule that it breaks;
 * the values are not repeated.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexAuth } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   return yield* plex.getToken({ pinID: "../../user" })
 * }).pipe(Effect.catchTag("InvalidRequest", (error) => Effect.logError(error.message)))
 * // GetTokenRequest is not valid, and nothing was sent: pinID must be 1 to 20 decimal digits.
 * ```
 */
export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  request: Schema.String.annotations({ description: "What was to be decoded, such as GetTokenRequest" }),
  issues: Schema.NonEmptyArray(Schema.Struct({ field: Schema.String, rule: Schema.String }))
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const issues = this.issues.map(({ field, rule }) => `${field} ${rule}`).join("; ")
    return `${this.request} is not valid, and nothing was sent: ${issues}.`
  }
}

/**
 * There is no client identifier: neither the request nor `PlexClientInfo` has one, and nothing was sent (`status` is
 * absent), or plex.tv answered with code 1000.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/X-Plex-Headers
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { ClientIdentifierMissing } from "@plex-auth/core"
 *
 * console.log(new ClientIdentifierMissing({ operation: "PlexAuth.getToken" }).message)
 * ```
 */
export class ClientIdentifierMissing extends Schema.TaggedError<ClientIdentifierMissing>()("ClientIdentifierMissing", {
  operation: Operation,
  status: Schema.optional(Status),
  code: Code
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return (
      `${this.operation} needs a client identifier. Give xPlexClientIdentifier in the request, or clientIdentifier to ` +
      "PlexClientInfo.layer: a value made once for this installation, such as a UUID, and used for good."
    )
  }
}

/**
 * Why plex.tv may not know a PIN.
 *
 * - `expired`: its time is over.
 * - `unknown`: there never was such a PIN, or its token was taken back.
 * - `otherClientIdentifier`: the PIN belongs to another client identifier; Plex's answer is the same.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { PinNotFound, PinNotFoundReason } from "@plex-auth/core"
 *
 * const may = (error: PinNotFound, reason: PinNotFoundReason): boolean => error.reasons.includes(reason)
 * ```
 */
export type PinNotFoundReason = (typeof PinNotFoundReason)["Type"]

const PinNotFoundReason = Schema.Literal("expired", "unknown", "otherClientIdentifier")

/**
 * plex.tv does not know the PIN (404, code 1020). `reasons` are those that are still possible: a wait that has seen the
 * PIN before leaves `expired` alone. Not worth another try: create a new PIN.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexAuth } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   return yield* plex.getToken({ pinID: "1272322473" })
 * }).pipe(Effect.catchTag("PinNotFound", (error) => Effect.logWarning(error.message)))
 * ```
 */
export class PinNotFound extends Schema.TaggedError<PinNotFound>()("PinNotFound", {
  operation: Operation,
  status: Status,
  code: Code,
  reasons: Schema.NonEmptyArray(PinNotFoundReason)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const why = {
      expired: "it has expired",
      unknown: "there is no such PIN",
      otherClientIdentifier: "it was created with another client identifier"
    }
    const reasons = this.reasons.map((reason) => why[reason]).join(", or ")
    // It is the other device that has the PIN.
    const next =
      this.operation === "PlexAuth.linkPin"
        ? "Check the code on the device that shows it, or have it show a new one."
        : "Create a new PIN."
    return `plex.tv does not know this PIN (${answered(this.status, this.code)}): ${reasons}. ${next}`
  }
}

/**
 * Too many requests (429, code 1003). `retryAfter` is how long plex.tv asked to be left alone, where it said so.
 * Transient: the retry schedule and the wait for a claim honour it; it comes out of them when the time asked for is
 * longer than they may wait.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6585#section-4
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { RateLimited } from "@plex-auth/core"
 * import { Duration } from "effect"
 *
 * const error = new RateLimited({ operation: "PlexAuth.getToken", status: 429, retryAfter: Duration.seconds(30) })
 * console.log(error.message)
 * ```
 */
export class RateLimited extends Schema.TaggedError<RateLimited>()("RateLimited", {
  operation: Operation,
  status: Status,
  code: Code,
  retryAfter: RetryAfter
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const when = this.retryAfter === undefined ? "in a while" : `in ${seconds(this.retryAfter)}`
    return `plex.tv is getting too many requests (${answered(this.status, this.code)}). Try again ${when}.`
  }
}

const unavailableReasons = {
  dns: "its name could not be looked up. Check the network connection",
  refused: "the connection was refused. Check the address, the proxy and the firewall",
  tls: "no secure connection could be made. Check the clock of this machine and who is in between",
  reset: "the connection was broken off. Try again",
  connection: "no connection could be made. Check the network connection and try again",
  timeout: "it took too long to answer. Try again",
  status: "it has trouble of its own. Try again later"
}

/**
 * plex.tv could not be reached, or had trouble of its own. Transient.
 *
 * `reason` says what it was:
 * - `dns`, `refused`, `tls`, `reset`, `connection`: the network. `detail` is the runtime's own code for it, such as
 *   `ECONNREFUSED`, where it has one.
 * - `timeout`: no whole answer, body included, within `PlexAuthPolicy.requestTimeout`, or status 408.
 * - `status`: status 5xx. `status` and Plex's `code`, where there is one, are there to be read.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexUnavailable } from "@plex-auth/core"
 *
 * const error = new PlexUnavailable({ operation: "PlexAuth.getToken", reason: "refused", detail: "ECONNREFUSED" })
 * console.log(error.message)
 * ```
 */
export class PlexUnavailable extends Schema.TaggedError<PlexUnavailable>()("PlexUnavailable", {
  operation: Operation,
  reason: Schema.Literal("dns", "refused", "tls", "reset", "connection", "timeout", "status"),
  detail: Schema.optional(Schema.String),
  status: Schema.optional(Status),
  code: Code,
  retryAfter: RetryAfter
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const detail = this.status === undefined ? this.detail : answered(this.status, this.code)
    return `plex.tv is not available${detail === undefined ? "" : ` (${detail})`}: ${unavailableReasons[this.reason]}.`
  }
}

const invalidReasons = {
  redirect: "it leads elsewhere, and redirects are not followed",
  tooLarge: "it is larger than 1 MiB",
  notJson: "it is not JSON. A proxy or a log-in page of the network may have answered in its place",
  unexpected: "it is not what it must be"
}

/**
 * An answer that is not what it must be. Nothing of its body is repeated, since a PIN that was cut off may have the
 * token in it: `contentType`, `length` (bytes, where known) and `paths` (the fields that are wrong) describe it.
 *
 * `reason` is `redirect` (status 3xx, not followed), `tooLarge` (over 1 MiB after decompression), `notJson`, or
 * `unexpected` (JSON, but not the JSON that was asked for). The wait for a claim takes it for transient, since the next
 * answer may be right: a network's log-in page is gone after the user has dealt with it.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { InvalidResponse } from "@plex-auth/core"
 *
 * const error = new InvalidResponse({
 *   operation: "PlexAuth.getToken",
 *   reason: "notJson",
 *   status: 200,
 *   contentType: "text/html",
 *   length: 5120,
 *   paths: []
 * })
 * console.log(error.message)
 * ```
 */
export class InvalidResponse extends Schema.TaggedError<InvalidResponse>()("InvalidResponse", {
  operation: Operation,
  reason: Schema.Literal("redirect", "tooLarge", "notJson", "unexpected"),
  status: Status,
  contentType: Schema.optional(Schema.String),
  length: Schema.optional(Schema.Number),
  paths: Schema.Array(Schema.String)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const about = [
      `HTTP ${this.status}`,
      this.contentType ?? "no content type",
      ...(this.length === undefined ? [] : [`${this.length} bytes`]),
      ...(this.paths.length === 0 ? [] : [`wrong: ${this.paths.join(", ")}`])
    ].join(", ")
    return `The answer to ${this.operation} can't be used (${about}): ${invalidReasons[this.reason]}.`
  }
}

const Trouble = /*#__PURE__*/ Schema.Union(RateLimited, PlexUnavailable, InvalidResponse)

const asked = ({
  lastTrouble,
  looks
}: {
  readonly looks: number
  readonly lastTrouble?: typeof Trouble.Type | undefined
}) =>
  `asked plex.tv ${looks === 1 ? "once" : `${looks} times`}.` +
  (lastTrouble === undefined ? "" : ` The last trouble on the way: ${lastTrouble.message}`)

/**
 * Nobody claimed the PIN before its time was over. `waited` is how long, `looks` how often plex.tv was asked, and
 * `lastTrouble` the last fault on the way, if there was one. Create a new PIN.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import type { Pin } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const wait = (pin: Pin) =>
 *   SignIn.wait(pin).pipe(Effect.tapErrorTag("PinExpired", (error) => Effect.logWarning(error.message)))
 * ```
 */
export class PinExpired
  extends /*#__PURE__*/ Schema.TaggedError<PinExpired>()("PinExpired", {
    waited: Schema.DurationFromMillis,
    looks: Schema.Number,
    lastTrouble: /*#__PURE__*/ Schema.optional(Trouble)
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    return `The PIN expired before anyone claimed it: waited ${seconds(this.waited)}, ${asked(this)} Create a new PIN.`
  }
}

/**
 * The PIN was made with another client identifier than this program has, and nothing was sent: plex.tv gives a PIN's token
 * to nobody else. It comes out of `SignIn.resume`, and of `SignIn.run` when the store holds such a PIN.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/X-Plex-Headers
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import type { Pin } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const resume = (pin: Pin) =>
 *   SignIn.resume(pin).pipe(Effect.tapErrorTag("ClientIdentifierMismatch", (error) => Effect.logError(error.message)))
 * ```
 */
export class ClientIdentifierMismatch
  extends /*#__PURE__*/ Schema.TaggedError<ClientIdentifierMismatch>()("ClientIdentifierMismatch", {
    operation: Operation
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    return (
      `${this.operation} can't go on with a PIN of another client identifier, and nothing was sent: ` +
      `use the identifier that the PIN was made with, or begin a new sign-in.`
    )
  }
}

/**
 * Nobody claimed the PIN within the time that the caller gave, which ended before the PIN did. The PIN is still good.
 * `lastTrouble` is what went wrong on the way, if anything did.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { SignIn } from "@plex-auth/core"
 * import type { Pin } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const complete = (pin: Pin) =>
 *   SignIn.complete(pin).pipe(Effect.tapErrorTag("PinNotClaimed", (error) => Effect.logInfo(error.message)))
 * ```
 */
export class PinNotClaimed
  extends /*#__PURE__*/ Schema.TaggedError<PinNotClaimed>()("PinNotClaimed", {
    waited: Schema.DurationFromMillis,
    looks: Schema.Number,
    lastTrouble: /*#__PURE__*/ Schema.optional(Trouble)
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    return (
      `Nobody has claimed the PIN yet: waited ${seconds(this.waited)}, ${asked(this)} ` + `Claim it, and wait again.`
    )
  }
}

/**
 * The token is no longer valid (401, or 422 with "Invalid token"): the user signed the device out, or signed in again
 * with the same client identifier. Sign the user in again.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexAuth } from "@plex-auth/core"
 * import type { AccessToken } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const isValid = (token: AccessToken) =>
 *   PlexAuth.pipe(
 *     Effect.flatMap((plex) => plex.account(token)),
 *     Effect.as(true),
 *     Effect.catchTag("Unauthorized", () => Effect.succeed(false))
 *   )
 * ```
 */
export class Unauthorized extends Schema.TaggedError<Unauthorized>()("Unauthorized", {
  operation: Operation,
  status: Status,
  code: Code
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `plex.tv refused the credentials of ${this.operation} (${answered(this.status, this.code)}). Sign the user in again.`
  }
}

/**
 * Nobody is signed in: the store has no credentials, or none of the account that was asked for. Nothing was sent. Sign the
 * user in.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexSession, SignIn } from "@plex-auth/core"
 * import { Console, Effect } from "effect"
 *
 * const signIn = SignIn.run({ show: (pin) => Console.log(`Enter ${pin.code} at https://plex.tv/link`) })
 *
 * const token = Effect.flatMap(PlexSession, (session) => session.token).pipe(
 *   Effect.catchTag("NotSignedIn", () => Effect.map(signIn, (credentials) => credentials.token))
 * )
 * ```
 */
export class NotSignedIn
  extends /*#__PURE__*/ Schema.TaggedError<NotSignedIn>()("NotSignedIn", {
    operation: Operation
  })
{
  /** @since 0.1.0 */
  override get message(): string {
    return "Nobody is signed in. Sign the user in, and try again."
  }
}

/**
 * The token has expired (498, which plex.tv sends for a JWT). Refresh it.
 *
 * @see https://developer.plex.tv/pms/#section/API-Info/Authenticating-with-Plex
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { TokenExpired } from "@plex-auth/core"
 *
 * console.log(new TokenExpired({ operation: "PlexAuth.account", status: 498 }).message)
 * ```
 */
export class TokenExpired extends Schema.TaggedError<TokenExpired>()("TokenExpired", {
  operation: Operation,
  status: Status,
  code: Code
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `The token has expired (${answered(this.status, this.code)}). Refresh it, or sign the user in again.`
  }
}

/**
 * The PIN of a user of a Plex Home is missing or wrong (403, code 1041), and the switch was not made. It says nothing about
 * the token.
 *
 * @see https://developer.plex.tv/pms/
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexAuth } from "@plex-auth/core"
 * import type { AccessToken, HomeUser } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const switchTo = (token: AccessToken, { uuid }: HomeUser) =>
 *   PlexAuth.pipe(
 *     Effect.flatMap((plex) => plex.switchUser(token, { uuid })),
 *     Effect.tapErrorTag("HomePinRejected", (error) => Effect.logInfo(error.message))
 *   )
 * ```
 */
export class HomePinRejected extends Schema.TaggedError<HomePinRejected>()("HomePinRejected", {
  operation: Operation,
  status: Status,
  code: Code
}) {
  /** @since 0.1.0 */
  override get message(): string {
    return `The PIN of this user of the Plex Home is missing or wrong (${answered(this.status, this.code)}). Ask for it again.`
  }
}

/**
 * plex.tv refused the request with another status 4xx. `reason` is what it said to it, in so far as it gave a reason;
 * whatever looks like a secret is taken out. Not worth another try as it is.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { Rejected } from "@plex-auth/core"
 *
 * console.log(new Rejected({ operation: "PlexAuth.createPin", status: 400, code: 1004 }).message)
 * ```
 */
export class Rejected extends Schema.TaggedError<Rejected>()("Rejected", {
  operation: Operation,
  status: Status,
  code: Code,
  reason: Schema.optional(Schema.String)
}) {
  /** @since 0.1.0 */
  override get message(): string {
    const reason = this.reason === undefined ? "without a reason" : `and said: ${this.reason}`
    return `plex.tv refused ${this.operation} (${answered(this.status, this.code)}) ${reason}. Trying again as it is won't help.`
  }
}

/**
 * Every error of this library, as a schema: for a channel to another process, or for `Schema.is`.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import { PlexAuthError, PlexUnavailable } from "@plex-auth/core"
 * import { Schema } from "effect"
 *
 * const error = new PlexUnavailable({ operation: "PlexAuth.getToken", reason: "timeout" })
 * const plain = Schema.encodeSync(PlexAuthError)(error)
 * console.log(plain) // { _tag: 'PlexUnavailable', operation: 'PlexAuth.getToken', reason: 'timeout' }
 * ```
 */
export const PlexAuthError = /*#__PURE__*/ Schema.Union(
  InvalidRequest,
  ClientIdentifierMissing,
  PinNotFound,
  PinExpired,
  PinNotClaimed,
  ClientIdentifierMismatch,
  Unauthorized,
  NotSignedIn,
  TokenExpired,
  HomePinRejected,
  Rejected,
  RateLimited,
  PlexUnavailable,
  InvalidResponse,
  DeviceKeyTaken,
  DeviceJwtRejected,
  ClockWrong,
  UntrustedToken,
  CryptoUnavailable
)

/**
 * The type of the {@link PlexAuthError} schema.
 *
 * @since 0.1.0
 * @category errors
 * @example
 * ```ts
 * import type { PlexAuthError } from "@plex-auth/core"
 *
 * const exitCode = (error: PlexAuthError): number => (error._tag === "InvalidRequest" ? 2 : 1)
 * ```
 */
export type PlexAuthError = typeof PlexAuthError.Type

/**
 * Whether a value is one of this library's errors.
 *
 * @since 0.1.0
 * @category guards
 * @example
 * ```ts
 * import { isPlexAuthError } from "@plex-auth/core"
 *
 * console.log(isPlexAuthError(new Error("something else"))) // false
 * ```
 */
export const isPlexAuthError: (value: unknown) => value is PlexAuthError = /*#__PURE__*/ Schema.is(PlexAuthError)

/**
 * Whether an error may be gone at the next try: {@link RateLimited} and {@link PlexUnavailable}.
 *
 * @since 0.1.0
 * @category guards
 * @example
 * ```ts
 * import { isTransient, PlexAuth } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const createPin = PlexAuth.pipe(
 *   Effect.flatMap((plex) => plex.createPin()),
 *   Effect.retry({ while: isTransient, times: 2 })
 * )
 * ```
 */
export const isTransient = (error: PlexAuthError): error is RateLimited | PlexUnavailable =>
  error._tag === "RateLimited" || error._tag === "PlexUnavailable"
