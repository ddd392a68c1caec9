import { FetchHttpClient, HttpClient, HttpClientResponse } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { PlexAuthTest, Resource } from "@plex-auth/core"
import { PlexServer } from "@plex-auth/http"
import { Duration, Effect, Fiber, Layer, Option, Ref, Schema, TestClock } from "effect"
import { rawServer } from "./support/rawServer.js"
import { html, json, reset, respond, silence } from "./support/steps.js"

const identity = (machineIdentifier: string) => JSON.stringify({ MediaContainer: { size: 0, machineIdentifier } })

const ways = {
  local: { uri: "https://local.example", local: true },
  localHttp: { uri: "http://local.example", local: true },
  remote: { uri: "https://remote.example", local: false },
  relay: { uri: "https://relay.example", relay: true }
}

const serverAt = (connections: ReadonlyArray<unknown>, fields: Readonly<Record<string, unknown>> = {}) =>
  Schema.decodeUnknownSync(Resource)({ clientIdentifier: "a-server", provides: "server", connections, ...fields })

type Behaviour = { readonly after: Duration.DurationInput; readonly says?: string } | "silence"

/** A network where each host answers after its own time, and that remembers who was asked and who was interrupted. */
const network = (hosts: Readonly<Record<string, Behaviour>>) =>
  Effect.gen(function* () {
    const asked = yield* Ref.make<ReadonlyArray<string>>([])
    const interrupted = yield* Ref.make<ReadonlyArray<string>>([])
    const layer = Layer.succeed(
      HttpClient.HttpClient,
      HttpClient.make((request, url) => {
        const behaviour = hosts[url.origin] ?? "silence"
        const answer =
          behaviour === "silence"
            ? Effect.never
            : Effect.delay(
                Effect.sync(() =>
                  HttpClientResponse.fromWeb(request, new Response(behaviour.says ?? identity("a-server")))
                ),
                behaviour.after
              )
        return Ref.update(asked, (all) => [...all, url.href]).pipe(
          Effect.zipRight(answer),
          Effect.onInterrupt(() => Ref.update(interrupted, (all) => [...all, url.origin]))
        )
      })
    )
    return { asked: Ref.get(asked), interrupted: Ref.get(interrupted), layer }
  })

/** What was found, and after how many milliseconds. */
const found = (server: Resource, hosts: Readonly<Record<string, Behaviour>>, options = {}) =>
  Effect.gen(function* () {
    const { asked, interrupted, layer } = yield* network(hosts)
    const fiber = yield* PlexServer.connect(server, options).pipe(
      Effect.either,
      Effect.timed,
      Effect.provide(layer),
      Effect.fork
    )
    yield* TestClock.adjust("1 minute")
    const [time, result] = yield* Fiber.join(fiber)
    return { time: Duration.toMillis(time), result, asked: yield* asked, interrupted: yield* interrupted }
  })

const all = serverAt([ways.relay, ways.remote, ways.localHttp, ways.local])

describe("connect", () => {
  it.effect("takes the best at once when it answers, and lets go of the others", () =>
    Effect.gen(function* () {
      const { asked, interrupted, result, time } = yield* found(all, {
        "https://local.example": { after: "300 millis" },
        "https://remote.example": { after: "100 millis" }
      })
      assert.isTrue(result._tag === "Right" && result.right.uri === "https://local.example")
      assert.strictEqual(time, 300)
      assert.sameMembers(
        [...asked],
        Object.values(ways).map(({ uri }) => `${uri}/identity`)
      )
      assert.sameMembers([...interrupted], ["http://local.example", "https://relay.example"])
    })
  )

  it.effect("takes a worse one when the better ones do not answer within the grace", () =>
    Effect.gen(function* () {
      const { result, time } = yield* found(all, {
        "https://local.example": { after: "2 seconds" },
        "https://remote.example": { after: "200 millis" },
        "https://relay.example": { after: "100 millis" }
      })
      assert.isTrue(result._tag === "Right" && result.right.uri === "https://remote.example")
      assert.strictEqual(time, 1100)
    })
  )

  it.effect("does not wait for better ones that are known to lead nowhere", () =>
    Effect.gen(function* () {
      const hotel = { after: "50 millis", says: "<html>hotel</html>" } as const
      const { result, time } = yield* found(all, {
        "https://local.example": hotel,
        "http://local.example": { after: "50 millis", says: identity("another-server") },
        "https://remote.example": { after: "200 millis" }
      })
      assert.isTrue(result._tag === "Right" && result.right.uri === "https://remote.example")
      assert.strictEqual(time, 200)
    })
  )

  it.effect("fails when none answers in time, and says how many were tried", () =>
    Effect.gen(function* () {
      const { result, time } = yield* found(all, {
        "https://local.example": { after: 0, says: identity("another-server") }
      })
      assert.isTrue(result._tag === "Left")
      if (result._tag === "Right") return
      assert.deepStrictEqual({ ...result.left }, { tried: 4, refused: 1, _tag: "ServerUnreachable" })
      assert.include(result.left.message, "4 connections")
      assert.include(result.left.message, "Something else answered at 1 of them")
      assert.strictEqual(time, 5000)
    })
  )

  it.effect("has as much time and patience as it is given", () =>
    Effect.gen(function* () {
      const hosts = { "https://remote.example": { after: "1 second" } } as const
      const patient = yield* found(all, hosts, { grace: "3 seconds", timeout: "2 seconds" })
      assert.strictEqual(patient.time, 2000)
      const hasty = yield* found(all, hosts, { timeout: "500 millis" })
      assert.strictEqual(hasty.result._tag, "Left")
      assert.strictEqual(hasty.time, 500)
    })
  )

  it.effect("asks nobody where there is nothing to ask, and not without https a server that asks for it", () =>
    Effect.gen(function* () {
      const none = yield* found(serverAt([]), {})
      assert.isTrue(none.result._tag === "Left" && none.result.left.message.includes("no connection"))
      const secure = yield* found(serverAt([ways.localHttp], { httpsRequired: true }), {})
      assert.strictEqual(secure.result._tag, "Left")
      assert.deepStrictEqual([none.asked, secure.asked], [[], []])
    })
  )
})

for (const [name, client] of [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici]
] as const) {
  describe(`connect, ${name}`, () => {
    it.scopedLive("threat 6: over sockets, without the token, and not where a redirect leads", () =>
      Effect.gen(function* () {
        const home = yield* rawServer(json(identity("a-server")))
        const elsewhere = yield* rawServer(json(identity("a-server")))
        const uri = (port: number) => `http://127.0.0.1:${port}`
        const moved = yield* rawServer(
          respond({ status: 302, headers: { Location: `${uri(elsewhere.port)}/identity` } })
        )
        const broken = yield* rawServer(reset)
        const page = yield* rawServer(html(200))
        const mute = yield* rawServer(silence)
        const server = serverAt(
          [moved, broken, page, mute]
            .map(({ port }) => ({ uri: uri(port), local: true }))
            .concat({
              uri: uri(home.port),
              local: false
            }),
          { accessToken: "SERVER-TOKEN" }
        )
        const connection = yield* PlexServer.connect(server, { grace: "200 millis" }).pipe(Effect.provide(client))
        assert.strictEqual(connection.uri, uri(home.port))
        assert.lengthOf(elsewhere.requests, 0)
        for (const { requests } of [home, moved, page, mute]) {
          for (const { head } of requests) {
            assert.match(head, /^GET \/identity HTTP/)
            assert.notInclude(head, "SERVER-TOKEN")
            assert.notMatch(head, /x-plex-token|traceparent|b3:/i)
          }
        }
      })
    )
  })
}

describe("a fixture", () => {
  it("has a server's token and two ways to reach it", () => {
    const server = PlexAuthTest.server()
    assert.isTrue(server.isServer && Option.isSome(server.accessToken))
    assert.lengthOf(server.connections, 2)
  })
})
