/** Answers that are too large, as they come and as they unfold. */
import { assert, describe, it } from "@effect/vitest"
import { SignIn } from "@plex-auth/core"
import { Deferred, Effect, Option, Redacted } from "effect"
import type { Scope } from "effect"
import * as diagnostics from "node:diagnostics_channel"
import { Socket } from "node:net"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { gzipSync } from "node:zlib"
import { at, bench, clients, errorOf, getToken, once, operations, valueOf } from "../support/testBench.js"
import { pinBody } from "../support/bodies.js"
import { encoded } from "../support/encoded.js"
import { flood, json, respond } from "../support/steps.js"
import type { Flood } from "../support/steps.js"

const MiB = 1024 * 1024

const claimed = pinBody({ authToken: "TOK" })

const chunked = (head: string) => `${head}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`

/** The clients' own sockets, for the bytes that they took from the network. */
const clientSockets: Effect.Effect<ReadonlyArray<Socket>, never, Scope.Scope> = Effect.gen(function* () {
  const sockets: Array<Socket> = []
  const onConnected = (message: unknown) => {
    if (typeof message !== "object" || message === null || !("socket" in message)) return
    if (message.socket instanceof Socket) sockets.push(message.socket)
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => diagnostics.subscribe("undici:client:connected", onConnected)),
    () => Effect.sync(() => void diagnostics.unsubscribe("undici:client:connected", onConnected))
  )
  return sockets
})

const collectGarbage = Effect.sync(() => {
  setFlagsFromString("--expose-gc")
  const gc: unknown = runInNewContext("gc")
  if (typeof gc !== "function") throw new Error("there is no garbage collector to call")
  Reflect.apply(gc, undefined, [])
})

/** 256 MiB of blanks, as gzip members of 1 MiB each: one after the other they are one gzip file. */
const bomb = (before: string) => {
  const member = gzipSync(Buffer.alloc(MiB, 0x20))
  return Buffer.concat([gzipSync(before), ...Array.from({ length: 256 }, () => member)])
}

for (const client of clients) {
  describe(`limits, ${client.name}`, () => {
    for (const head of ["HTTP/1.1 200 OK", "HTTP/1.1 503 No", "HTTP/1.1 302 No"]) {
      it.scoped(`case 27, threat 8: 256 MiB behind ${head}: reading stops, and the socket is closed`, () =>
        Effect.gen(function* () {
          const warm: Flood = { written: 0, peakRss: 0 }
          const counted: Flood = { written: 0, peakRss: 0 }
          const sockets = yield* clientSockets
          const script = [flood(4 * MiB, warm, chunked(head)), flood(256 * MiB, counted, chunked(head))]
          const { run, server } = yield* bench({ client, script })
          // The first one pays for what is compiled and allocated once.
          yield* errorOf(yield* run(once(getToken)))
          yield* Deferred.await(at(server.requests, 0).closed)
          yield* collectGarbage
          const before = process.memoryUsage.rss()
          const error = yield* errorOf(yield* run(once(getToken)))
          yield* Deferred.await(at(server.requests, 1).closed)
          const after = process.memoryUsage.rss()

          const tag = { 200: "InvalidResponse", 503: "PlexUnavailable", 302: "InvalidResponse" }[head.slice(9, 12)]
          assert.strictEqual(error._tag, tag)
          if (head.includes("200")) assert.strictEqual(error._tag === "InvalidResponse" && error.reason, "tooLarge")
          // What lies in the kernel's buffers for sockets was written, but never read.
          assert.isBelow(counted.written, 32 * MiB)
          const taken = sockets.map(({ bytesRead }) => bytesRead)
          assert.isAtLeast(taken.length, 2)
          for (const bytes of taken) assert.isBelow(bytes, 1.5 * MiB)
          assert.isBelow(Math.max(counted.peakRss, after) - before, 32 * MiB)
        })
      )
    }

    it.scoped("case 27: a wait survives it", () =>
      Effect.gen(function* () {
        const counted: Flood = { written: 0, peakRss: 0 }
        const { run } = yield* bench({
          client,
          script: [
            json(pinBody(), { status: 201 }),
            flood(256 * MiB, counted, chunked("HTTP/1.1 200 OK")),
            json(claimed)
          ]
        })
        assert.strictEqual(
          Redacted.value(yield* valueOf(yield* run(Effect.flatMap(SignIn.start(), SignIn.wait)))),
          "TOK"
        )
      })
    )

    it.scoped("case 27: 1 MiB is read, and one byte more is not", () =>
      Effect.gen(function* () {
        const full = claimed.padEnd(MiB, " ")
        const { run } = yield* bench({ client, script: [json(full), json(`${full} `)] })
        const answer = yield* valueOf(yield* run(once(getToken)))
        assert.deepStrictEqual(Option.map(answer.authToken, Redacted.value), Option.some("TOK"))
        assert.deepStrictEqual(encoded(yield* errorOf(yield* run(once(getToken)))), {
          _tag: "InvalidResponse",
          operation: "PlexAuth.getToken",
          reason: "tooLarge",
          status: 200,
          contentType: "application/json",
          paths: []
        })
      })
    )

    it.scoped("case 27: the limit counts bytes, not characters", () =>
      Effect.gen(function* () {
        const body = pinBody({ authToken: "TOK", product: "€".repeat(MiB / 2) })
        assert.isBelow(body.length, MiB)
        const { run } = yield* bench({ client, script: [json(body)] })
        const error = yield* errorOf(yield* run(once(getToken)))
        assert.strictEqual(error._tag === "InvalidResponse" && error.reason, "tooLarge")
      })
    )

    it.scoped("case 27: a Content-Length of 1 GiB is not waited for", () =>
      Effect.gen(function* () {
        const counted: Flood = { written: 0, peakRss: 0 }
        const head = `HTTP/1.1 200 OK\r\nContent-Length: ${1024 * MiB}\r\n\r\n`
        const { run, server } = yield* bench({ client, script: [flood(1024 * MiB, counted, head)] })
        const error = yield* errorOf(yield* run(once(getToken)))
        assert.strictEqual(error._tag === "InvalidResponse" && error.reason, "tooLarge")
        yield* Deferred.await(at(server.requests, 0).closed)
      })
    )

    it.scoped("case 27, threat 8: a head without end is broken off", () =>
      Effect.gen(function* () {
        const counted: Flood = { written: 0, peakRss: 0 }
        const { run, server } = yield* bench({
          client,
          script: [flood(64 * MiB, counted, "HTTP/1.1 200 OK\r\nX-Long: ")]
        })
        assert.strictEqual((yield* errorOf(yield* run(once(getToken))))._tag, "PlexUnavailable")
        yield* Deferred.await(at(server.requests, 0).closed)
      })
    )

    it.scoped("threat 8: a small gzip that inflates to 256 MiB is cut off as it unfolds", () =>
      Effect.gen(function* () {
        const zipped = bomb('{"id":1,"more":"')
        assert.isBelow(zipped.byteLength, 0.5 * MiB)
        const response = { body: zipped, headers: { "Content-Type": "application/json", "Content-Encoding": "gzip" } }
        const { run, server } = yield* bench({ client, script: [respond(response)] })
        yield* errorOf(yield* run(once(getToken)))
        yield* collectGarbage
        const before = process.memoryUsage.rss()
        for (const [, call] of operations) {
          const error = yield* errorOf(yield* run(once(call)))
          // undici's client does not decompress, and a gzip is no JSON.
          const reason = client.name === "fetch" ? "tooLarge" : "notJson"
          assert.strictEqual(error._tag === "InvalidResponse" && error.reason, reason)
        }
        assert.isBelow(process.memoryUsage.rss() - before, 32 * MiB)
        assert.lengthOf(server.requests, 4)
      })
    )

    it.scoped("threat 8: no compressed answer is asked for", () =>
      Effect.gen(function* () {
        const { run, server } = yield* bench({ client, script: [json(claimed)] })
        yield* valueOf(yield* run(once(getToken)))
        assert.deepStrictEqual(
          at(server.requests, 0).headers.filter(([name]) => name === "accept-encoding"),
          [["accept-encoding", "identity"]]
        )
      })
    )
  })
}
