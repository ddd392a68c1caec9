import {
  ClientIdentifierMissing,
  DeviceJwtRejected,
  DeviceKeyTaken,
  HomePinRejected,
  PinNotFound,
  PlexUnavailable,
  RateLimited,
  Rejected,
  TokenExpired,
  Unauthorized
} from "@plex-auth/core"
import type { PlexAuth } from "@plex-auth/core"
import type * as Duration from "effect/Duration"

/** An answer that is no success, as far as it could be read. */
export interface Refusal {
  readonly operation: string
  readonly status: number
  readonly code: number | undefined
  readonly reason: string | undefined
  readonly retryAfter: Duration.Duration | undefined
}

/** plex.tv uses a code with more than one status, so an error is known by both. */
const anyError = (refusal: Refusal): ClientIdentifierMissing | PlexAuth.AnswerError => {
  const { code, operation, reason, retryAfter, status } = refusal
  if ((status === 400 || status === 422) && code === 1000)
    return new ClientIdentifierMissing({ operation, status, code })
  if (status === 401) return new Unauthorized({ operation, status, code })
  if (status === 422 && reason !== undefined && /invalid token/i.test(reason)) {
    return new Unauthorized({ operation, status, code })
  }
  if (status === 429) return new RateLimited({ operation, status, code, retryAfter })
  // 408 is the server's own time-out, and a client may try again (RFC 9110, section 15.5.9).
  if (status === 408) return new PlexUnavailable({ operation, reason: "timeout", status, code, retryAfter })
  if (status >= 500) return new PlexUnavailable({ operation, reason: "status", status, code, retryAfter })
  return new Rejected({ operation, status, code, reason })
}

/** plex.tv's words for a key that another device has, under no code of their own. */
const isTaken = ({ reason, status }: Refusal): boolean => status === 422 && /thumbprint/i.test(reason ?? "")

/** Its words for a JWT that it does not take, or none. A token that is invalid is told apart before. */
const isNotSigned = ({ status }: Refusal, error: ClientIdentifierMissing | PlexAuth.AnswerError): boolean =>
  status === 422 && error._tag === "Rejected"

export const createPinError = (refusal: Refusal): PlexAuth.CreatePinError => {
  const { code, operation, status } = refusal
  return isTaken(refusal) ? new DeviceKeyTaken({ operation, status, code }) : anyError(refusal)
}

export const accountError = (refusal: Refusal): PlexAuth.AccountError => {
  const { code, operation, status } = refusal
  return status === 498 ? new TokenExpired({ operation, status, code }) : anyError(refusal)
}

export const registerKeyError = (refusal: Refusal): PlexAuth.RegisterKeyError => {
  const { code, operation, status } = refusal
  return isTaken(refusal) ? new DeviceKeyTaken({ operation, status, code }) : accountError(refusal)
}

export const keysError = anyError

export const exchangeJwtError = (refusal: Refusal): PlexAuth.ExchangeJwtError => {
  const { code, operation, status } = refusal
  if (isTaken(refusal)) return new DeviceKeyTaken({ operation, status, code })
  if (status === 498) return new TokenExpired({ operation, status, code })
  const error = anyError(refusal)
  return isNotSigned(refusal, error) ? new DeviceJwtRejected({ operation, status, code }) : error
}

export const linkPinError = (refusal: Refusal): PlexAuth.LinkPinError => {
  const { code, operation, status } = refusal
  if (status === 404 && (code === undefined || code === 1020)) {
    return new PinNotFound({ operation, status, code, reasons: ["expired", "unknown"] })
  }
  return accountError(refusal)
}

export const switchUserError = (refusal: Refusal): PlexAuth.SwitchUserError => {
  const { code, operation, status } = refusal
  return status === 403 && code === 1041 ? new HomePinRejected({ operation, status, code }) : accountError(refusal)
}

export const getTokenError = (refusal: Refusal): PlexAuth.GetTokenError => {
  const { code, operation, status } = refusal
  if (status === 498) return new TokenExpired({ operation, status, code })
  // Without a code too: the body may be HTML, or nothing.
  if (status === 404 && (code === undefined || code === 1020)) {
    return new PinNotFound({ operation, status, code, reasons: ["expired", "unknown", "otherClientIdentifier"] })
  }
  const error = anyError(refusal)
  const isAboutJwt = isNotSigned(refusal, error) && /signature|jwt/i.test(refusal.reason ?? "")
  return isAboutJwt ? new DeviceJwtRejected({ operation, status, code }) : error
}
