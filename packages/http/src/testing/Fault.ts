/**
 * What a simulated plex.tv does wrong, for `PlexTvSimulator.script`.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"

/**
 * Something that goes wrong with one request.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const outage = (requests: number): ReadonlyArray<Fault.Fault> => Array.from({ length: requests }, () => Fault.reset)
 * ```
 */
export type Fault = Data.TaggedEnum<{
  None: {}
  Status: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
    readonly body: string | Uint8Array
  }
  Reset: {}
  Silence: {}
  Slow: { readonly every: Duration.DurationInput }
  Cut: { readonly bytes: number }
}>

const { $match, Cut, None, Reset, Silence, Slow, Status } = Data.taggedEnum<Fault>()

/**
 * Nothing goes wrong: the request is answered as usual. For a script in which only a later request fails.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault, PlexTvSimulator } from "@plex-auth/http/testing"
 * import { Effect } from "effect"
 *
 * const program = Effect.flatMap(PlexTvSimulator, (simulator) => simulator.script(Fault.none, Fault.reset))
 * ```
 */
export const none: Fault = None()

/**
 * An answer with this status, and with the headers and the body given.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const busy = Fault.status(429, { headers: { "retry-after": "30" } })
 * const edge = Fault.status(503, { headers: { "content-type": "text/html" }, body: "<h1>Service Unavailable</h1>" })
 * ```
 */
export const status = (
  status: number,
  answer: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Uint8Array } = {}
): Fault => Status({ status, headers: answer.headers ?? {}, body: answer.body ?? "" })

/**
 * A redirect to another place, with status 302 unless said otherwise.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const elsewhere = Fault.redirect("https://example.com/")
 * ```
 */
export const redirect = (location: string, code: 301 | 302 | 303 | 307 | 308 = 302): Fault =>
  status(code, { headers: { location } })

/**
 * An answer with status 200 that is not JSON: a page, as a network's log-in portal sends it, unless said otherwise.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const portal = Fault.garbage()
 * const noise = Fault.garbage("\u0000\u0001")
 * ```
 */
export const garbage = (body: string | Uint8Array = "<!doctype html><title>Welcome to the hotel</title>"): Fault =>
  status(200, { headers: { "content-type": "text/html" }, body })

/**
 * The connection is reset after the request was read. Over a socket this needs Node's HTTP server.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const faults = [Fault.reset, Fault.reset]
 * ```
 */
export const reset: Fault = Reset()

/**
 * There is no answer, until the client gives up.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const faults = [Fault.silence]
 * ```
 */
export const silence: Fault = Silence()

/**
 * The usual answer, with its headers at once and its body one byte at a time.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const drip = Fault.slow("500 millis")
 * ```
 */
export const slow = (every: Duration.DurationInput): Fault => Slow({ every })

/**
 * The usual answer, broken off after this many bytes of its body. Over a socket this needs Node's HTTP server.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const half = Fault.cut(40)
 * ```
 */
export const cut = (bytes: number): Fault => Cut({ bytes })

/**
 * Handles each kind of fault.
 *
 * @since 0.1.0
 * @category pattern matching
 * @example
 * ```ts
 * import { Fault } from "@plex-auth/http/testing"
 *
 * const isNone = Fault.match({
 *   None: () => true,
 *   Status: () => false,
 *   Reset: () => false,
 *   Silence: () => false,
 *   Slow: () => false,
 *   Cut: () => false
 * })
 * ```
 */
export const match = $match
