import { FetchHttpClient, HttpBody, HttpClient, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { AccessToken, PlexSession, TokenExpired } from "@plex-auth/core"
import { PlexSessionHttp } from "@plex-auth/http"
import { Effect, Layer, Schema, Stream } from "effect"
import { rawServer } from "./support/rawServer.js"
import { json, respond } from "./support/steps.js"
import { recordingTracer } from "./support/recording.js"

const accessToken = Schema.decodeSync(AccessToken)

/** A session whose token is replaced by another one, as often as it is told to. */
const makeSession = () => {
  let count = 1
  const current = () => accessToken(`CANARY-${count}`)
  const token = Effect.sync(current)
  const withToken: PlexSession.Service["withToken"] = (use) =>
    Effect.catchIf(
      Effect.flatMap(token, use),
      (error) => error instanceof TokenExpired,
      () =>
        Effect.suspend(() => {
          count += 1
          return use(current())
        })
    )
  return Layer.mock(PlexSession, { token, withToken })
}

interface Sent {
  readonly url: string
  readonly token: string | undefined
  readonly body: string
}

/** A network where everything is answered by the statuses given, one after the other. */
const network = (...statuses: ReadonlyArray<number>) => {
  const sent: Array<Sent> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      const { body } = request
      sent.push({
        url: url.href,
        token: request.headers["x-plex-token"],
        body: body._tag === "Uint8Array" ? new TextDecoder().decode(body.body) : body._tag
      })
      return HttpClientResponse.fromWeb(request, new Response("{}", { status: statuses[sent.length - 1] ?? 200 }))
    })
  )
  return { sent, client }
}

const origins = ["https://clients.plex.tv", new URL("http://127.0.0.1:8160")]

const over = (client: HttpClient.HttpClient) => PlexSessionHttp.withToken({ origins })(client)

describe("PlexSessionHttp.withToken", () => {
  it.effect("threat 4: puts the token on requests to its origins, as a header, and on no other", () =>
    Effect.gen(function* () {
      const { client, sent } = network()
      const http = yield* over(client)
      const ours = [
        "https://clients.plex.tv/api/v2/user?a=1",
        "https://CLIENTS.plex.tv:443/",
        "http://127.0.0.1:8160/x"
      ]
      const others = [
        "http://clients.plex.tv/",
        "https://clients.plex.tv:8443/",
        "https://plex.tv/",
        "https://clients.plex.tv.example/",
        "https://example/https://clients.plex.tv/",
        "https://clients.plex.tv@example/",
        "http://127.0.0.1:8161/",
        "http://localhost:8160/"
      ]
      for (const url of [...ours, ...others]) yield* http.get(url)
      assert.deepStrictEqual(
        sent.map(({ token }) => token),
        [...ours.map(() => "CANARY-1"), ...others.map(() => undefined)]
      )
      assert.isFalse(sent.some(({ url }) => url.includes("CANARY")))
    }).pipe(Effect.provide(makeSession()))
  )

  it.effect("goes by where a request is sent in the end, and not by what it looked like", () =>
    Effect.gen(function* () {
      const { client, sent } = network()
      const http = HttpClient.mapRequest(yield* over(client), HttpClientRequest.prependUrl("https://clients.plex.tv"))
      yield* http.get("/api/v2/user")
      const elsewhere = HttpClient.mapRequest(yield* over(client), HttpClientRequest.prependUrl("https://example"))
      yield* elsewhere.get("/https://clients.plex.tv")
      assert.deepStrictEqual(
        sent.map(({ token }) => token),
        ["CANARY-1", undefined]
      )
    }).pipe(Effect.provide(makeSession()))
  )

  it.effect("case 48: sends a request once more, with its body, after a 498, and no third time", () =>
    Effect.gen(function* () {
      const { client, sent } = network(498, 200, 498, 498)
      const http = yield* over(client)
      const request = HttpClientRequest.post("https://clients.plex.tv/", { body: HttpBody.text("hello") })
      assert.strictEqual((yield* http.execute(request)).status, 200)
      const error = yield* Effect.flip(http.execute(request))
      assert.strictEqual(error._tag, "TokenExpired")
      assert.deepStrictEqual(
        sent.map(({ body, token }) => [token, body]),
        [
          ["CANARY-1", "hello"],
          ["CANARY-2", "hello"],
          ["CANARY-2", "hello"],
          ["CANARY-3", "hello"]
        ]
      )
    }).pipe(Effect.provide(makeSession()))
  )

  it.effect("does not send again what it can't read again", () =>
    Effect.gen(function* () {
      const { client, sent } = network(498)
      const http = yield* over(client)
      const body = HttpBody.stream(Stream.make(new Uint8Array([1])))
      const error = yield* Effect.flip(http.execute(HttpClientRequest.post("https://clients.plex.tv/", { body })))
      assert.strictEqual(error._tag, "TokenExpired")
      assert.lengthOf(sent, 1)
    }).pipe(Effect.provide(makeSession()))
  )

  it.effect("a 498 of somebody else is no concern of the session's", () =>
    Effect.gen(function* () {
      const { client, sent } = network(498)
      const response = yield* Effect.flatMap(over(client), (http) => http.get("https://example/"))
      assert.strictEqual(response.status, 498)
      assert.lengthOf(sent, 1)
    }).pipe(Effect.provide(makeSession()))
  )

  it.effect.each([
    "clients.plex.tv",
    "http://clients.plex.tv",
    "https://clients.plex.tv/api/v2",
    "https://clients.plex.tv/?x",
    "https://user:CANARY@clients.plex.tv",
    "ftp://clients.plex.tv",
    ""
  ])("refuses %j for an origin, and says the rule", (origin) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(PlexSessionHttp.withToken({ origins: [origin] })(network().client))
      assert.strictEqual(error._tag, "InvalidRequest")
      assert.include(error.message, "origins must")
      assert.notInclude(error.message, "CANARY")
    }).pipe(Effect.provide(makeSession()))
  )
})

for (const [name, layer] of [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici]
] as const) {
  describe(`PlexSessionHttp.withToken over ${name}`, () => {
    it.scopedLive("threats 4 and 6: follows no redirect with the token, and shows it in no span", () =>
      Effect.gen(function* () {
        const elsewhere = yield* rawServer(json("{}"))
        const target = `http://localhost:${elsewhere.port}/`
        const server = yield* rawServer(respond({ status: 302, headers: { Location: target }, body: "" }), json("{}"))
        const http = yield* Effect.flatMap(
          HttpClient.HttpClient,
          PlexSessionHttp.withToken({ origins: [`http://127.0.0.1:${server.port}`] })
        )
        const { layer: tracing, spans } = recordingTracer()
        const url = `http://127.0.0.1:${server.port}/`
        yield* Effect.provide(
          Effect.gen(function* () {
            assert.strictEqual((yield* http.get(url)).status, 302)
            assert.strictEqual((yield* http.get(url)).status, 200)
          }),
          tracing
        )
        assert.lengthOf(elsewhere.requests, 0)
        assert.lengthOf(
          server.requests.filter(({ headers }) => headers.some(([, value]) => value === "CANARY-1")),
          2
        )
        assert.lengthOf(spans, 2)
        assert.notInclude(JSON.stringify(spans.map(({ attributes }) => [...attributes])), "CANARY")
      }).pipe(Effect.provide([layer, makeSession()]))
    )
  })
}
