import type {
  ClientIdentifierMismatch,
  ClientIdentifierMissing,
  ClockWrong,
  CryptoUnavailable,
  DeviceJwtRejected,
  DeviceKeyTaken,
  HomePinRejected,
  InvalidRequest,
  InvalidResponse,
  NotSignedIn,
  PinExpired,
  PinNotClaimed,
  PinNotFound,
  PinNotFoundReason,
  PlexUnavailable,
  RateLimited,
  Rejected,
  TokenExpired,
  Unauthorized,
  UntrustedToken,
  PlexAuthError
} from "@plex-auth/core"
import { isPlexAuthError, isTransient } from "@plex-auth/core"
import type { Duration, Schema } from "effect"
import { Effect } from "effect"
import { describe, expect, it } from "tstyche"

declare const error: PlexAuthError
declare const wrong: Effect.Effect<number, PlexAuthError>
declare const limited: RateLimited | PinNotFound

describe("PlexAuthError", () => {
  it("is the union of all the errors", () => {
    expect<PlexAuthError>().type.toBe<
      | InvalidRequest
      | ClientIdentifierMissing
      | PinNotFound
      | PinExpired
      | PinNotClaimed
      | ClientIdentifierMismatch
      | Unauthorized
      | TokenExpired
      | HomePinRejected
      | Rejected
      | RateLimited
      | PlexUnavailable
      | InvalidResponse
      | NotSignedIn
      | DeviceKeyTaken
      | DeviceJwtRejected
      | ClockWrong
      | UntrustedToken
      | CryptoUnavailable
    >()
    expect<PlexAuthError>().type.toBeAssignableTo<Error>()
    expect<Schema.Schema.Context<typeof PlexAuthError>>().type.toBe<never>()
  })

  it("each is caught by its tag", () => {
    expect(wrong.pipe(Effect.catchTag("PinExpired", (expired) => Effect.succeed(expired.looks)))).type.toBe<
      Effect.Effect<number, Exclude<PlexAuthError, PinExpired>>
    >()
    expect(wrong.pipe(Effect.catchTag("PinNotFound", ({ reasons }) => Effect.succeed(reasons[0])))).type.toBe<
      Effect.Effect<number | PinNotFoundReason, Exclude<PlexAuthError, PinNotFound>>
    >()
  })

  it("can be failed with as it is", () => {
    expect<RateLimited>().type.toBeAssignableTo<Effect.Effect<never, RateLimited>>()
    const program = Effect.gen(function* () {
      if (Math.random() > 0.5) return yield* limited
      return 1
    })
    expect(program).type.toBe<Effect.Effect<number, RateLimited | PinNotFound>>()
  })
})

describe("the predicates", () => {
  it("isPlexAuthError tells them from everything else", () => {
    expect(isPlexAuthError).type.toBe<(value: unknown) => value is PlexAuthError>()
  })

  it("isTransient leaves the two that may be gone at the next try", () => {
    expect(isTransient).type.toBe<(error: PlexAuthError) => error is RateLimited | PlexUnavailable>()
    if (isTransient(error)) expect(error.retryAfter).type.toBe<Duration.Duration | undefined>()
    expect(wrong.pipe(Effect.retry({ while: isTransient, times: 2 }))).type.toBe<typeof wrong>()
  })
})

describe("their fields", () => {
  it("say what happened, and have no room for a cause or a body", () => {
    expect<InvalidRequest["issues"][0]>().type.toBe<{ readonly field: string; readonly rule: string }>()
    expect<PinNotFoundReason>().type.toBe<"expired" | "unknown" | "otherClientIdentifier">()
    expect<PinNotFound["reasons"]>().type.toBe<readonly [PinNotFoundReason, ...Array<PinNotFoundReason>]>()
    expect<PinExpired["lastTrouble"]>().type.toBe<RateLimited | PlexUnavailable | InvalidResponse | undefined>()
    expect<PinExpired["waited"]>().type.toBe<Duration.Duration>()
    expect<RateLimited["retryAfter"]>().type.toBe<Duration.Duration | undefined>()
    expect<Unauthorized["status"]>().type.toBe<number>()
    expect<TokenExpired["code"]>().type.toBe<number | undefined>()
    expect<Rejected["reason"]>().type.toBe<string | undefined>()
    expect<ClientIdentifierMissing["status"]>().type.toBe<number | undefined>()
    expect<InvalidResponse["paths"]>().type.toBe<ReadonlyArray<string>>()
    expect<PlexUnavailable["reason"]>().type.toBe<
      "dns" | "refused" | "tls" | "reset" | "connection" | "timeout" | "status"
    >()
    expect<InvalidResponse["reason"]>().type.toBe<"redirect" | "tooLarge" | "notJson" | "unexpected">()
  })
})
