import { describe, expect, it } from "@effect/vitest"
import { SignIn } from "@plex-auth/core"
import { Effect, Redacted } from "effect"
import { bench, clients, valueOf } from "./support/bench.js"
import { pinBody } from "./support/bodies.js"
import { json, silence, drip, html, reset } from "./support/steps.js"
for (const client of clients) describe(client.name, () => {
  it.scoped("full life", () => Effect.gen(function* () {
    const t = performance.now()
    const b = yield* bench({ client, script: [json(pinBody(), { status: 201 }), json(pinBody())] })
    const exit = yield* b.run(Effect.flatMap(SignIn.start(), SignIn.wait))
    console.log(exit, performance.now() - t, b.server.requests.length, b.server.connections())
  }))
  it.scoped("mix", () => Effect.gen(function* () {
    const t = performance.now()
    const b = yield* bench({ client, script: [json(pinBody(), { status: 201 }), silence, drip("500 millis", { body: pinBody() }), html(503), reset, json(pinBody({ authToken: "TOK" }))] })
    const exit = yield* b.run(Effect.flatMap(SignIn.start(), SignIn.wait))
    console.log(Redacted.value(yield* valueOf(exit)), performance.now() - t, b.server.requests.map((r) => [r.at, r.connection, r.answeredAt].join("/")))
  }))
})
