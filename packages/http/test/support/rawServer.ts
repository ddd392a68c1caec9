import { Deferred, Effect, FiberId, FiberSet, Queue } from "effect"
import type { Scope } from "effect"
import * as net from "node:net"

/** A request as it came in. Times are by the clock of the test. */
interface Received {
  readonly method: string
  readonly target: string
  /** The request line and the headers, each byte a character. */
  readonly head: string
  readonly body: string
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly at: number
  readonly connection: number
  /** Done when the connection that the request came on is closed, whoever closed it. */
  readonly closed: Deferred.Deferred<void>
  /** When the step was over, or the connection closed. */
  answeredAt: number
}

interface Exchange {
  readonly request: Received
  readonly socket: net.Socket
  /** Done when the bytes have left. A closed connection ends the step, wherever it is. */
  readonly write: (bytes: string | Uint8Array) => Effect.Effect<void>
  /** Marks the time in which the server keeps the client waiting, so that the test's clock may go on. */
  readonly hold: (effect: Effect.Effect<void>) => Effect.Effect<void>
}

/** What the server does with a request. The words are for a connection, before it sends a byte. */
export type Step = ((exchange: Exchange) => Effect.Effect<void>) | "resetOnAccept" | "finOnAccept"

export interface RawServer {
  readonly port: number
  readonly baseUrl: string
  readonly requests: ReadonlyArray<Received>
  /** The next request that was not taken yet. */
  readonly next: Effect.Effect<Received>
  readonly connections: () => number
  /** Whether the script keeps a client waiting. */
  readonly holding: () => boolean
  /** Ends all connections and frees the port, and takes it again. */
  readonly stop: Effect.Effect<void>
  readonly start: Effect.Effect<void>
}

/**
 * A server on a free port of 127.0.0.1 that writes exactly what its script says: one step a request, or a connection
 * for the steps that are words. The last step goes on for ever.
 */
export const rawServer = (...script: ReadonlyArray<Step>): Effect.Effect<RawServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const fork = yield* FiberSet.makeRuntime()
    const requests: Array<Received> = []
    const arrived = yield* Queue.unbounded<Received>()
    const sockets = new Set<net.Socket>()
    let steps = script
    let connections = 0
    let held = 0

    const step = () => {
      const [first, ...rest] = steps
      if (first === undefined) throw new Error("a script needs a step")
      if (rest.length > 0) steps = rest
      return first
    }

    const answer = (
      socket: net.Socket,
      closed: Deferred.Deferred<void>,
      head: string,
      body: string,
      connection: number
    ) => {
      const [line = "", ...lines] = head.split("\r\n")
      const [method = "", target = ""] = line.split(" ")
      const request: Received = {
        method,
        target,
        head,
        body,
        headers: lines.map((text) => {
          const colon = text.indexOf(":")
          return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()]
        }),
        at: clock.unsafeCurrentTimeMillis(),
        connection,
        closed,
        answeredAt: Number.NaN
      }
      requests.push(request)
      Queue.unsafeOffer(arrived, request)
      const current = step()
      if (typeof current === "string") throw new Error(`${current} needs a connection of its own`)
      const exchange: Exchange = {
        request,
        socket,
        write: (bytes) =>
          Effect.async<void>((resume) => {
            socket.write(typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes, () => resume(Effect.void))
          }),
        hold: (effect) =>
          Effect.acquireUseRelease(
            Effect.sync(() => void (held += 1)),
            () => effect,
            () => Effect.sync(() => void (held -= 1))
          )
      }
      const done = Effect.sync(() => void (request.answeredAt = clock.unsafeCurrentTimeMillis()))
      fork(Effect.ensuring(Effect.raceFirst(current(exchange), Deferred.await(closed)), done))
    }

    const onConnection = (socket: net.Socket) => {
      connections += 1
      const connection = connections
      const closed = Deferred.unsafeMake<void>(FiberId.none)
      sockets.add(socket)
      socket.setNoDelay(true)
      // A client that resets the connection is a part of many a script; "close" comes after it.
      socket.on("error", () => {})
      socket.on("close", () => {
        sockets.delete(socket)
        Deferred.unsafeDone(closed, Effect.void)
      })
      const upcoming = steps[0]
      if (upcoming === "resetOnAccept" || upcoming === "finOnAccept") {
        step()
        if (upcoming === "resetOnAccept") socket.resetAndDestroy()
        else socket.end()
        return
      }
      let unread = ""
      socket.on("data", (bytes) => {
        unread += bytes.toString("latin1")
        for (let end = unread.indexOf("\r\n\r\n"); end >= 0; end = unread.indexOf("\r\n\r\n")) {
          const head = unread.slice(0, end)
          // The bodies of this library say how long they are.
          const length = Number(/^content-length: *([0-9]+)/im.exec(head)?.[1] ?? 0)
          if (unread.length < end + 4 + length) return
          const body = unread.slice(end + 4, end + 4 + length)
          unread = unread.slice(end + 4 + length)
          answer(socket, closed, head, body, connection)
        }
      })
    }

    let server = net.createServer()
    const listen = (port: number) =>
      Effect.async<number>((resume) => {
        server = net.createServer({ allowHalfOpen: false }, onConnection)
        server.once("error", (error) => resume(Effect.die(error)))
        server.listen(port, "127.0.0.1", () => {
          const address = server.address()
          resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
        })
      })
    const stop = Effect.async<void>((resume) => {
      server.close(() => resume(Effect.void))
      for (const socket of sockets) socket.destroy()
    })
    const port = yield* Effect.acquireRelease(listen(0), () => stop)

    return {
      port,
      baseUrl: `http://127.0.0.1:${port}/api/v2`,
      requests,
      next: Queue.take(arrived),
      connections: () => connections,
      holding: () => held > 0,
      stop,
      start: Effect.asVoid(listen(port))
    }
  })
