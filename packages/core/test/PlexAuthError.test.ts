import { describe, it } from "@effect/vitest"
import { assertFalse, assertInstanceOf, assertTrue, deepStrictEqual, strictEqual } from "@effect/vitest/utils"
import {
  ClientIdentifierMismatch,
  ClientIdentifierMissing,
  ClockWrong,
  CryptoUnavailable,
  DeviceJwtRejected,
  DeviceKeyTaken,
  HomePinRejected,
  InvalidRequest,
  InvalidResponse,
  isPlexAuthError,
  isTransient,
  NotSignedIn,
  PinExpired,
  PinNotClaimed,
  PinNotFound,
  PlexAuthError,
  PlexUnavailable,
  RateLimited,
  Rejected,
  TokenExpired,
  Unauthorized,
  UntrustedToken
} from "@plex-auth/core"
import { Duration, Effect, Schema } from "effect"
import { fromJson, printed } from "./support.js"

const operation = "PlexAuth.getToken"

/** Every error, in each of its forms, with what its message must say to a person. */
const errors: ReadonlyArray<{
  readonly error: PlexAuthError
  readonly says: ReadonlyArray<string>
  readonly transient: boolean
}> = [
  {
    error: new InvalidRequest({
      request: "GetTokenRequest",
      issues: [{ field: "pinID", rule: "must be 1 to 20 decimal digits" }]
    }),
    says: ["GetTokenRequest", "nothing was sent", "pinID must be 1 to 20 decimal digits"],
    transient: false
  },
  {
    error: new InvalidRequest({
      request: "CreatePinRequest",
      issues: [
        { field: "a", rule: "is missing" },
        { field: "b", rule: "must be c" }
      ]
    }),
    says: ["CreatePinRequest", "a is missing; b must be c"],
    transient: false
  },
  {
    error: new ClientIdentifierMissing({ operation }),
    says: [operation, "xPlexClientIdentifier", "PlexClientInfo", "UUID"],
    transient: false
  },
  {
    error: new ClientIdentifierMissing({ operation, status: 400, code: 1000 }),
    says: [operation, "xPlexClientIdentifier", "PlexClientInfo"],
    transient: false
  },
  {
    error: new PinNotFound({
      operation,
      status: 404,
      code: 1020,
      reasons: ["expired", "unknown", "otherClientIdentifier"]
    }),
    says: [
      "HTTP 404, code 1020",
      "has expired, or there is no such PIN, or",
      "another client identifier",
      "Create a new PIN"
    ],
    transient: false
  },
  {
    error: new PinNotFound({ operation, status: 404, reasons: ["expired"] }),
    says: ["(HTTP 404)", "Create a new PIN"],
    transient: false
  },
  {
    error: new PinNotFound({ operation: "PlexAuth.linkPin", status: 404, code: 1020, reasons: ["expired", "unknown"] }),
    says: ["has expired, or there is no such PIN", "Check the code on the device that shows it"],
    transient: false
  },
  {
    error: new PinExpired({ waited: Duration.minutes(15), looks: 273 }),
    says: ["waited 900 s", "273 times", "Create a new PIN"],
    transient: false
  },
  {
    error: new PinExpired({ waited: Duration.zero, looks: 1 }),
    says: ["waited 0 s", "once", "Create a new PIN"],
    transient: false
  },
  {
    error: new PinExpired({
      waited: Duration.millis(1500),
      looks: 2,
      lastTrouble: new PlexUnavailable({ operation, reason: "refused", detail: "ECONNREFUSED" })
    }),
    says: ["waited 2 s", "2 times", "The last trouble on the way", "ECONNREFUSED", "firewall", "Create a new PIN"],
    transient: false
  },
  {
    error: new PinNotClaimed({ waited: Duration.seconds(10), looks: 9 }),
    says: ["waited 10 s", "9 times", "Claim it, and wait again"],
    transient: false
  },
  {
    error: new PinNotClaimed({
      waited: Duration.seconds(10),
      looks: 2,
      lastTrouble: new PlexUnavailable({ operation, reason: "timeout" })
    }),
    says: ["2 times", "The last trouble on the way", "Claim it, and wait again"],
    transient: false
  },
  {
    error: new ClientIdentifierMismatch({ operation: "SignIn.resume" }),
    says: ["SignIn.resume", "nothing was sent", "another client identifier", "begin a new sign-in"],
    transient: false
  },
  {
    error: new HomePinRejected({ operation: "PlexAuth.switchUser", status: 403, code: 1041 }),
    says: ["(HTTP 403, code 1041)", "missing or wrong", "Ask for it again"],
    transient: false
  },
  {
    error: new Unauthorized({ operation, status: 401, code: 1001 }),
    says: [operation, "HTTP 401, code 1001", "Sign the user in again"],
    transient: false
  },
  {
    error: new Unauthorized({ operation, status: 422 }),
    says: ["(HTTP 422)", "Sign the user in again"],
    transient: false
  },
  { error: new TokenExpired({ operation, status: 498 }), says: ["HTTP 498", "Refresh it"], transient: false },
  {
    error: new NotSignedIn({ operation: "PlexSession.token" }),
    says: ["Nobody is signed in", "Sign the user in"],
    transient: false
  },
  {
    error: new DeviceKeyTaken({ operation: "PlexAuth.registerKey", status: 422 }),
    says: ["registered to another device", "Forget the key"],
    transient: false
  },
  {
    error: new DeviceJwtRejected({ operation: "PlexAuth.exchangeJwt", status: 422, code: 1008 }),
    says: ["did not accept the signature", "not registered", "Sign the user in again"],
    transient: false
  },
  {
    error: new ClockWrong({ operation: "PlexSession.refresh", direction: "behind", by: Duration.days(2) }),
    says: ["clock of this machine is 2d behind that of plex.tv", "Set it"],
    transient: false
  },
  {
    error: new ClockWrong({ operation: "PlexSession.refresh", direction: "ahead", by: Duration.hours(25) }),
    says: ["1d 1h ahead of that of plex.tv"],
    transient: false
  },
  {
    error: new UntrustedToken({ operation: "PlexJwt.verify", reason: "issuer" }),
    says: ["(issuer)", "not used", "Sign the user in again"],
    transient: false
  },
  {
    error: new CryptoUnavailable({ operation: "DeviceKey.generate" }),
    says: ["no WebCrypto with Ed25519", "over https"],
    transient: false
  },
  {
    error: new Rejected({ operation, status: 400, code: 1004 }),
    says: [operation, "HTTP 400, code 1004", "without a reason"],
    transient: false
  },
  {
    error: new Rejected({ operation, status: 403, reason: "This client is not allowed" }),
    says: ["(HTTP 403)", "This client is not allowed", "Trying again as it is won't help"],
    transient: false
  },
  {
    error: new RateLimited({ operation, status: 429, code: 1003 }),
    says: ["HTTP 429, code 1003", "Try again in a while"],
    transient: true
  },
  {
    error: new RateLimited({ operation, status: 429, retryAfter: Duration.millis(1001) }),
    says: ["HTTP 429", "Try again in 2 s"],
    transient: true
  },
  {
    error: new PlexUnavailable({ operation, reason: "dns", detail: "ENOTFOUND" }),
    says: ["ENOTFOUND", "Check the network"],
    transient: true
  },
  {
    error: new PlexUnavailable({ operation, reason: "refused" }),
    says: ["connection was refused", "Check the address"],
    transient: true
  },
  {
    error: new PlexUnavailable({ operation, reason: "tls" }),
    says: ["secure connection", "Check the clock"],
    transient: true
  },
  {
    error: new PlexUnavailable({ operation, reason: "reset", detail: "ECONNRESET" }),
    says: ["ECONNRESET", "Try again"],
    transient: true
  },
  {
    error: new PlexUnavailable({ operation, reason: "connection" }),
    says: ["no connection", "try again"],
    transient: true
  },
  { error: new PlexUnavailable({ operation, reason: "timeout" }), says: ["too long", "Try again"], transient: true },
  {
    error: new PlexUnavailable({ operation, reason: "timeout", status: 408 }),
    says: ["HTTP 408", "too long"],
    transient: true
  },
  {
    error: new PlexUnavailable({
      operation,
      reason: "status",
      status: 503,
      code: 1013,
      retryAfter: Duration.seconds(30)
    }),
    says: ["HTTP 503, code 1013", "Try again later"],
    transient: true
  },
  {
    error: new InvalidResponse({ operation, reason: "redirect", status: 302, paths: [] }),
    says: [operation, "HTTP 302", "redirects are not followed"],
    transient: false
  },
  {
    error: new InvalidResponse({ operation, reason: "tooLarge", status: 200, paths: [] }),
    says: ["1 MiB"],
    transient: false
  },
  {
    error: new InvalidResponse({
      operation,
      reason: "notJson",
      status: 200,
      contentType: "text/html",
      length: 5120,
      paths: []
    }),
    says: ["HTTP 200", "text/html", "5120 bytes", "not JSON", "log-in page"],
    transient: false
  },
  {
    error: new InvalidResponse({ operation, reason: "unexpected", status: 200, length: 0, paths: ["id", "authToken"] }),
    says: ["no content type", "0 bytes", "wrong: id, authToken", "not what it must be"],
    transient: false
  }
]

const named = errors.map(({ error, ...rest }) => ({ name: error.message, error, ...rest }))

describe("every error", () => {
  it("is in the table", () => {
    const tags = PlexAuthError.members.map((member) => member._tag)
    deepStrictEqual([...new Set(errors.map(({ error }) => error._tag))].sort(), [...tags].sort())
    strictEqual(tags.length, 19)
  })

  it.each(named)("says what it is and what to do next: $name", ({ error, says }) => {
    for (const words of says) assertTrue(error.message.includes(words), `${error.message} does not say ${words}`)
    assertTrue(error.message.endsWith("."))
    assertFalse(/undefined|NaN|\[object|null/.test(error.message))
    strictEqual(error.name, error._tag)
    assertTrue(printed(error).includes(error.message))
  })

  it.each(named)("goes to JSON and back: $name", ({ error }) => {
    const json = fromJson(Schema.encodeSync(PlexAuthError)(error))
    const again = Schema.decodeUnknownSync(PlexAuthError)(json)
    deepStrictEqual(again, error)
    strictEqual(again.message, error.message)
    assertInstanceOf(again, Error)
    assertTrue(isPlexAuthError(again))
    strictEqual(isTransient(again), isTransient(error))
  })

  it.each(named)("is known by the predicates: $name", ({ error, transient }) => {
    assertTrue(isPlexAuthError(error))
    strictEqual(isTransient(error), transient)
  })

  it.each(named)("is an effect that fails with itself: $name", ({ error }) => {
    strictEqual(Effect.runSync(Effect.flip<never, PlexAuthError, never>(error)), error)
  })

  it.prop("goes to JSON and back, whatever is in it", [PlexAuthError], ([error]) => {
    // JSON has no NaN and no infinity, and a status is a small number.
    const json = JSON.stringify(Schema.encodeSync(PlexAuthError)(error), (_, value: unknown) =>
      typeof value === "number" ? (Number.isFinite(value) ? Math.round(Math.abs(value) % 1e6) : 0) : value
    )
    const again = Schema.decodeUnknownSync(Schema.parseJson(PlexAuthError))(json)
    strictEqual(again._tag, error._tag)
    deepStrictEqual(fromJson(Schema.encodeSync(PlexAuthError)(again)), JSON.parse(json))
  })

  it.prop("says a sentence, whatever is in it", [PlexAuthError], ([error]) => {
    assertTrue(error.message.length > 20)
    assertTrue(isPlexAuthError(error))
  })
})

describe("isPlexAuthError", () => {
  it("is false for everything else", () => {
    const other = Object.assign(new Error("PinNotFound"), { _tag: "PinNotFound", reasons: ["expired"] })
    const plain = { _tag: "PlexUnavailable", operation, reason: "reset" }
    for (const value of [other, plain, null, undefined, "PinNotFound", {}, [], Effect.void])
      assertFalse(isPlexAuthError(value))
  })
})

describe("PinExpired", () => {
  it("has a fault as its last trouble, and nothing else", () => {
    const decode = Schema.decodeUnknownOption(PinExpired)
    const expired = (lastTrouble: unknown) => decode({ _tag: "PinExpired", waited: 1, looks: 1, lastTrouble })
    strictEqual(expired({ _tag: "RateLimited", operation, status: 429 })._tag, "Some")
    strictEqual(expired({ _tag: "InvalidResponse", operation, status: 200, reason: "notJson", paths: [] })._tag, "Some")
    strictEqual(expired({ _tag: "Unauthorized", operation, status: 401 })._tag, "None")
    strictEqual(expired({ body: "CANARY" })._tag, "None")
  })
})

describe("threat 4: an error has no room for a body", () => {
  it.each(PlexAuthError.members.map((member) => ({ member, name: member._tag })))("$name", ({ member }) => {
    const allowed = ["_tag", "operation", "request", "issues", "status", "code", "reasons", "reason", "retryAfter"]
    const described = ["detail", "contentType", "length", "paths", "waited", "looks", "lastTrouble", "direction", "by"]
    for (const field of Object.keys(member.fields)) assertTrue([...allowed, ...described].includes(field), field)
  })

  it("what does not belong to it does not get into it", () => {
    const json = { _tag: "Rejected", operation, status: 400, body: "CANARY", cause: "CANARY", authToken: "CANARY" }
    const error = Schema.decodeUnknownSync(PlexAuthError)(json)
    assertFalse(printed(error).includes("CANARY"))
  })
})
