import { Effect } from "effect"
import type { Duration } from "effect"
import type { Step } from "./rawServer.js"

export interface Response {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Says `Connection: close` and closes. */
  readonly close?: boolean
}

type Exchanged = Exclude<Step, string>

const bodyOf = (body: string | Uint8Array): Uint8Array => (typeof body === "string" ? Buffer.from(body, "utf8") : body)

/** A whole answer with the right `Content-Length`. Nothing is added to the headers but that. */
const responseBytes = ({ body = "", close = false, headers = {}, status = 200 }: Response): Uint8Array => {
  const bytes = bodyOf(body)
  const lines = [
    `HTTP/1.1 ${status} Scripted`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(close ? ["Connection: close"] : []),
    ...(status === 204 || status === 304 ? [] : [`Content-Length: ${bytes.byteLength}`]),
    "\r\n"
  ]
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), bytes])
}

export const respond =
  (response: Response): Exchanged =>
  ({ socket, write }) =>
    Effect.zipRight(
      write(responseBytes(response)),
      Effect.sync(() => {
        if (response.close === true) socket.end()
      })
    )

export const json = (body: string | Uint8Array, response: Response = {}): Exchanged =>
  respond({ ...response, body, headers: { "Content-Type": "application/json; charset=utf-8", ...response.headers } })

export const html = (status: number, response: Response = {}): Exchanged =>
  respond({
    body: page,
    ...response,
    status,
    headers: { "Content-Type": "text/html; charset=utf-8", ...response.headers }
  })

export const page = "<!doctype html><html><head><title>Sorry</title></head><body><p>Please log in.</p></body></html>"

/** A status with Plex's own error in the body. */
export const plexError = (status: number, code: number, message: string, response: Response = {}): Exchanged =>
  json(JSON.stringify({ errors: [{ code, message, status }] }), { ...response, status })

/** Exactly these bytes, and the connection stays open. */
export const raw =
  (...parts: ReadonlyArray<string | Uint8Array>): Exchanged =>
  ({ write }) =>
    Effect.forEach(parts, write, { discard: true })

export const thenFin =
  (step: Exchanged): Exchanged =>
  (exchange) =>
    Effect.zipRight(
      step(exchange),
      Effect.sync(() => void exchange.socket.end())
    )

export const fin: Exchanged = thenFin(() => Effect.void)

export const reset: Exchanged = ({ socket }) => Effect.sync(() => void socket.resetAndDestroy())

/** The request was read, and no byte comes. */
export const silence: Exchanged = ({ hold }) => hold(Effect.never)

/** The bytes, and then no more. */
export const thenSilence =
  (step: Exchanged): Exchanged =>
  (exchange) =>
    Effect.zipRight(step(exchange), silence(exchange))

/** Waits on the clock of the test before it answers. */
export const later =
  (duration: Duration.DurationInput, step: Exchanged): Exchanged =>
  (exchange) =>
    Effect.zipRight(exchange.hold(Effect.sleep(duration)), step(exchange))

/** The head at once, and then the body byte by byte on the clock of the test. */
export const drip =
  (every: Duration.DurationInput, response: Response): Exchanged =>
  ({ hold, write }) => {
    const bytes = responseBytes(response)
    const bodyAt = bytes.byteLength - bodyOf(response.body ?? "").byteLength
    return Effect.zipRight(
      write(bytes.subarray(0, bodyAt)),
      Effect.forEach(
        bytes.subarray(bodyAt),
        (byte) => Effect.zipRight(hold(Effect.sleep(every)), write(Uint8Array.of(byte))),
        { discard: true }
      )
    )
  }

/** Counts what a flood could get rid of. */
export interface Flood {
  written: number
  peakRss: number
}

/** A chunked body of so many bytes, as fast as the client takes it, until the client closes. */
export const flood =
  (total: number, counted: Flood, head: string): Exchanged =>
  ({ hold, socket, write }) =>
    Effect.gen(function* () {
      yield* write(head)
      const data = Buffer.alloc(64 * 1024, 0x20)
      const chunk = Buffer.concat([Buffer.from(`${data.byteLength.toString(16)}\r\n`), data, Buffer.from("\r\n")])
      while (counted.written < total && !socket.destroyed) {
        yield* write(chunk)
        counted.written += data.byteLength
        counted.peakRss = Math.max(counted.peakRss, process.memoryUsage.rss())
      }
      // All of it was taken: the client must come to its own end.
      if (!socket.destroyed) yield* write("0\r\n\r\n")
      yield* hold(Effect.never)
    })
