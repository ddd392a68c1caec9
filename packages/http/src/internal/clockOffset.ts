import type * as Headers from "@effect/platform/Headers"
import { httpDate } from "./httpDate.js"

/**
 * By how much the server's clock is ahead of ours, in milliseconds, by the `Date` of an answer that arrived at `now`. An
 * answer out of a cache (one with an `Age`) says nothing about it.
 */
export const clockOffset = (headers: Headers.Headers, now: number): number | undefined => {
  const date = httpDate(headers["date"])
  return Number.isNaN(date) || headers["age"] !== undefined ? undefined : date - now
}
