import type * as Headers from "@effect/platform/Headers"
import * as Duration from "effect/Duration"
import { httpDate } from "./httpDate.js"

/**
 * How long a server asks to be left alone, in seconds or until a date (RFC 9110, section 10.2.3). A date is by the server's
 * clock, so what is left until then is told by the answer's own `Date`, where it has one.
 */
export const retryAfter = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const text = headers["retry-after"]?.trim()
  if (text === undefined) return undefined
  if (/^[0-9]{1,9}$/.test(text)) return Duration.seconds(Number(text))
  const until = httpDate(text)
  if (Number.isNaN(until)) return undefined
  const sent = httpDate(headers["date"])
  return Duration.millis(Math.max(0, until - (Number.isNaN(sent) ? now : sent)))
}
