import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type { Pin } from "../Pin.js"
import { longestLifetime } from "./makePin.js"

/**
 * The milliseconds that are left for a PIN at a time of the monotonic clock. One that was stored by another process, or
 * another machine, may have been received at a time that makes no sense here.
 */
export const timeLeft = (pin: Pin, now: number): number => {
  const lifetime = Duration.toMillis(Duration.min(pin.expiresIn, longestLifetime))
  return Math.min(Math.max(DateTime.toEpochMillis(pin.receivedAt) + lifetime - now, 0), lifetime)
}
