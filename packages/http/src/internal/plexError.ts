import { DeviceJwtRejected, DeviceKeyTaken } from "@plex-auth/core/DeviceKeyError"
import {
  ClientIdentifierMissing,
  HomePinRejected,
  PinNotFound,
  PlexUnavailable,
  RateLimited,
  Rejected,
  TokenExpired,
  Unauthorized
} from "@plex-auth/core/PlexAuthError"
import type { PlexAuth } from "@plex-auth/core/PlexAuth"
import type * as Duration from "effect/Duration"

/** An answer that is no success, as far as it could be read. */
export interface Refusal {
  readonly operation: string
  readonly status: number
  readonly code: number | undefined
  readonly reason: string | undefined
  readonly retryAfter: Duration.Duration | undefined
}

/** What each error tells of the answer. */
const told = ({ code, operation, status }: Refusal) => ({ operation, status, code })

/** plex.tv uses a code with more than one status, so an error is known by both. */
const anyError = (refusal: Refusal): ClientIdentifierMissing | PlexAuth.AnswerError => {
  const { code, reason, retryAfter, status } = refusal
  const props = told(refusal)
  if ((status === 400 || status === 422) && code === 1000) return new ClientIdentifierMissing(props)
  if (status === 401 || (status === 422 && /invalid token/i.test(reason ?? ""))) return new Unauthorized(props)
  if (status === 429) return new RateLimited({ ...props, retryAfter })
  // 408 is the server's own time-out, and a client may try again (RFC 9110, section 15.5.9).
  if (status === 408) return new PlexUnavailable({ ...props, reason: "timeout", retryAfter })
  if (status >= 500) return new PlexUnavailable({ ...props, reason: "status", retryAfter })
  return new Rejected({ ...props, reason })
}

/** plex.tv's words for a key that another device has, under no code of their own. */
const isTaken = ({ reason, status }: Refusal): boolean => status === 422 && /thumbprint/i.test(reason ?? "")

/** No PIN that waits has this code, or this id. Without a code of plex.tv's too: the body may be HTML, or nothing. */
const isNotFound = ({ code, status }: Refusal): boolean => status === 404 && (code === undefined || code === 1020)

/** Its words for a JWT that it does not take, or none. A token that is invalid is told apart before. */
const isNotSigned = ({ status }: Refusal, error: ClientIdentifierMissing | PlexAuth.AnswerError): boolean =>
  status === 422 && error._tag === "Rejected"

export const createPinError = (refusal: Refusal): PlexAuth.CreatePinError =>
  isTaken(refusal) ? new DeviceKeyTaken(told(refusal)) : anyError(refusal)

export const accountError = (refusal: Refusal): PlexAuth.AccountError =>
  refusal.status === 498 ? new TokenExpired(told(refusal)) : anyError(refusal)

export const registerKeyError = (refusal: Refusal): PlexAuth.RegisterKeyError =>
  isTaken(refusal) ? new DeviceKeyTaken(told(refusal)) : accountError(refusal)

export const keysError = anyError

export const exchangeJwtError = (refusal: Refusal): PlexAuth.ExchangeJwtError => {
  if (isTaken(refusal)) return new DeviceKeyTaken(told(refusal))
  if (refusal.status === 498) return new TokenExpired(told(refusal))
  const error = anyError(refusal)
  return isNotSigned(refusal, error) ? new DeviceJwtRejected(told(refusal)) : error
}

export const linkPinError = (refusal: Refusal): PlexAuth.LinkPinError =>
  isNotFound(refusal) ? new PinNotFound({ ...told(refusal), reasons: ["expired", "unknown"] }) : accountError(refusal)

export const switchUserError = (refusal: Refusal): PlexAuth.SwitchUserError =>
  refusal.status === 403 && refusal.code === 1041 ? new HomePinRejected(told(refusal)) : accountError(refusal)

export const getTokenError = (refusal: Refusal): PlexAuth.GetTokenError => {
  if (refusal.status === 498) return new TokenExpired(told(refusal))
  if (isNotFound(refusal)) {
    return new PinNotFound({ ...told(refusal), reasons: ["expired", "unknown", "otherClientIdentifier"] })
  }
  const error = anyError(refusal)
  const isAboutJwt = isNotSigned(refusal, error) && /signature|jwt/i.test(refusal.reason ?? "")
  return isAboutJwt ? new DeviceJwtRejected(told(refusal)) : error
}
