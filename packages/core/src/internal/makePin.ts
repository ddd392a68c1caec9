import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { ClientIdentifier } from "../ClientIdentifier.js"
import type { CreatePinRequest } from "../CreatePinRequest.js"
import type { CreatePinResponse } from "../CreatePinResponse.js"
import { LinkPin, StrongPin } from "../Pin.js"
import type { Pin } from "../Pin.js"
import { InvalidResponse } from "../PlexAuthError.js"
import { monotonicNow } from "./monotonic.js"

/** Plex's PINs live for half an hour at the most. */
export const longestLifetime = Duration.hours(1)

/** A missing lifetime must not end a sign-in at once, and an absurd one must not make it endless. */
const lifetime = (expiresIn: Option.Option<Duration.Duration>, usual: Duration.Duration) =>
  expiresIn.pipe(
    Option.filter(Duration.greaterThan(Duration.zero)),
    Option.map(Duration.min(longestLifetime)),
    Option.getOrElse(() => usual)
  )

/** The PIN that was asked for, from the answer that has just arrived. */
export const makePin = Effect.fnUntraced(function* (
  request: CreatePinRequest,
  clientIdentifier: ClientIdentifier,
  response: CreatePinResponse
): Effect.fn.Return<Pin, InvalidResponse> {
  const { code, createdAt, expiresAt, expiresIn, id, product, qr, trusted } = response
  const receivedAt = yield* monotonicNow
  const thumbprint = Option.map(Option.fromNullable(request.jwk), ({ kid }) => kid)
  const fields = { id, clientIdentifier, product, trusted, createdAt, expiresAt, receivedAt, thumbprint }
  if (request.strong) {
    return new StrongPin({ ...fields, code, expiresIn: lifetime(expiresIn, Duration.minutes(30)) })
  }
  const typeable = Redacted.value(code)
  if (!/^[0-9A-Za-z]{1,8}$/.test(typeable)) {
    return yield* new InvalidResponse({
      operation: "PlexAuth.createPin",
      reason: "unexpected",
      status: 201,
      paths: ["code"]
    })
  }
  return new LinkPin({
    ...fields,
    code: typeable,
    qr: Option.map(qr, Redacted.value),
    expiresIn: lifetime(expiresIn, Duration.minutes(15))
  })
})
