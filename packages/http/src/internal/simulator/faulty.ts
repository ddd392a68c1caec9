import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { hasProperty, isFunction } from "effect/Predicate"
import * as Stream from "effect/Stream"
import { match } from "../../testing/Fault.js"
import type { Fault } from "../../testing/Fault.js"

/** The connection ends here. Whoever carries the answers makes it so. */
export class ConnectionBroken extends Data.TaggedError("ConnectionBroken") {}

const bytesOf = ({ body }: HttpServerResponse.HttpServerResponse): Uint8Array =>
  body._tag === "Uint8Array" ? body.body : new Uint8Array()

/** The answer with another body, and with the length that the whole one has. */
const withBody = (
  response: HttpServerResponse.HttpServerResponse,
  body: Stream.Stream<Uint8Array, ConnectionBroken>
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(body, {
    status: response.status,
    headers: response.headers,
    contentLength: bytesOf(response).byteLength
  })

const slowly = (bytes: Uint8Array, every: Duration.DurationInput) =>
  Stream.range(0, bytes.byteLength - 1).pipe(
    Stream.rechunk(1),
    Stream.mapEffect((index) => Effect.delay(Effect.succeed(bytes.subarray(index, index + 1)), every))
  )

/** An answer with a fault in it. */
export const faulty = <E, R>(
  fault: Fault,
  usual: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, E | ConnectionBroken, R> =>
  match(fault, {
    None: (): Effect.Effect<HttpServerResponse.HttpServerResponse, E | ConnectionBroken, R> => usual,
    Status: ({ body, headers, status }) =>
      Effect.succeed(
        // These have no body, whatever is given for one.
        [204, 205, 304].includes(status)
          ? HttpServerResponse.empty({ status, headers })
          : HttpServerResponse.uint8Array(typeof body === "string" ? new TextEncoder().encode(body) : body, {
              status,
              headers
            })
      ),
    Reset: () => Effect.fail(new ConnectionBroken()),
    Silence: () => Effect.never,
    Slow: ({ every }) => Effect.map(usual, (response) => withBody(response, slowly(bytesOf(response), every))),
    Cut: ({ bytes }) =>
      Effect.map(usual, (response) =>
        withBody(
          response,
          Stream.concat(Stream.succeed(bytesOf(response).subarray(0, bytes)), Stream.fail(new ConnectionBroken()))
        )
      )
  })

const call = (target: unknown, method: string): void => {
  const value = hasProperty(target, method) ? target[method] : undefined
  if (isFunction(value)) Reflect.apply(value, target, [])
}

const socketOf = (request: HttpServerRequest.HttpServerRequest): unknown =>
  hasProperty(request.source, "socket") ? request.source.socket : undefined

/**
 * Lets an answer break off a real connection, where the server has Node's sockets. When the scope ends, so do the
 * connections whose requests are still waiting for an answer: the server would wait for them.
 */
export const breakingSockets = <E, R>(
  app: Effect.Effect<HttpServerResponse.HttpServerResponse, E | ConnectionBroken, R>
) =>
  Effect.gen(function* () {
    const sockets = new Set<unknown>()
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        sockets.forEach((socket) => {
          call(socket, "destroy")
        })
      })
    )
    return Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const socket = socketOf(request)
      if (!sockets.has(socket) && hasProperty(socket, "once") && isFunction(socket.once)) {
        sockets.add(socket)
        Reflect.apply(socket.once, socket, ["close", () => sockets.delete(socket)])
      }
      // What was written before goes out first, so that a body is cut off and not lost.
      const cutOff = Effect.zipRight(
        Effect.sync(() => {
          call(socket, "destroySoon")
        }),
        Effect.never
      )
      const reset = Effect.zipRight(
        Effect.sync(() => {
          call(socket, "resetAndDestroy")
        }),
        Effect.never
      )
      const response = yield* app.pipe(Effect.catchIf(isConnectionBroken, () => reset))
      if (response.body._tag !== "Stream") return response
      return HttpServerResponse.stream(
        Stream.catchAll(response.body.stream, () => Stream.fromEffect(cutOff)),
        { status: response.status, headers: response.headers }
      )
    })
  })

const isConnectionBroken = (error: unknown): error is ConnectionBroken => error instanceof ConnectionBroken
