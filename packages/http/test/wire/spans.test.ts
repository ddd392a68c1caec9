import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Option } from "effect"
import { at, bench, clients, getToken, once, operations, valueOf } from "../support/bench.js"
import { accountBody, pinBody } from "../support/bodies.js"
import { recordingTracer } from "../support/recording.js"
import type { RecordedSpan } from "../support/recording.js"
import { html, json, plexError, reset, silence } from "../support/steps.js"

const created = json(pinBody(), { status: 201 })
const claimed = json(pinBody({ authToken: "TOK" }))

const attributes = (span: RecordedSpan) => Object.fromEntries(span.attributes)

for (const client of clients) {
  describe(`spans, ${client.name}`, () => {
    it.scoped("threat 4: an operation is one span, with method, path template, host, status and attempt alone", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({ client, script: [created, claimed, json(accountBody())] })
        for (const [, call] of operations) yield* valueOf(yield* run(Effect.provide(call, layer)))
        assert.deepStrictEqual(
          spans.map((span) => [span.name, span.kind, attributes(span)]),
          [
            ["PlexAuth.createPin", "client", of("POST", "/pins", 201)],
            ["PlexAuth.getToken", "client", of("GET", "/pins/{pinID}", 200)],
            ["PlexAuth.account", "client", of("GET", "/user", 200)]
          ]
        )
        for (const { events, links, status } of spans) {
          assert.isEmpty(events)
          assert.isEmpty(links)
          assert.isTrue(status._tag === "Ended" && Exit.isSuccess(status.exit))
        }
      })
    )

    it.scoped("a failed operation has its status, Plex's code and the number of its attempts", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({
          client,
          script: [html(503), reset, plexError(404, 1020, "Code not found or expired")]
        })
        yield* run(Effect.provide(getToken, layer))
        assert.lengthOf(spans, 1)
        assert.deepStrictEqual(attributes(at(spans, 0)), {
          ...of("GET", "/pins/{pinID}", 404),
          "plex.attempt": 3,
          "plex.error_code": 1020
        })
        const { status } = at(spans, 0)
        assert.isTrue(status._tag === "Ended" && Exit.isFailure(status.exit))
      })
    )

    it.scoped("a status is that of the last attempt, and none is told where there was no answer", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({ client, script: [silence] })
        yield* run(Effect.provide(once(getToken), layer))
        assert.deepStrictEqual(attributes(at(spans, 0)), {
          "http.request.method": "GET",
          "server.address": "127.0.0.1",
          "url.template": "/pins/{pinID}",
          "plex.attempt": 1
        })
      })
    )

    it.scoped("the span is a child of the program's own, and platform makes none", () =>
      Effect.gen(function* () {
        const { layer, spans } = recordingTracer()
        const { run } = yield* bench({ client, script: [claimed] })
        yield* run(getToken.pipe(Effect.withSpan("outer"), Effect.provide(layer)))
        assert.deepStrictEqual(
          spans.map(({ name }) => name),
          ["outer", "PlexAuth.getToken"]
        )
        assert.strictEqual(Option.getOrUndefined(at(spans, 1).parent), at(spans, 0))
      })
    )
  })
}

function of(method: string, template: string, status: number) {
  return {
    "http.request.method": method,
    "server.address": "127.0.0.1",
    "url.template": template,
    "plex.attempt": 1,
    "http.response.status_code": status
  }
}
