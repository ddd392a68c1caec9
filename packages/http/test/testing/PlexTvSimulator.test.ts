import { HttpClient, HttpClientRequest } from "@effect/platform"
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CreatePinResponse, PlexAuth, PlexAuthPolicy, PlexClientInfo, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { Fault, PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Fiber, Layer, Option, Redacted, Schedule, Schema, TestClock } from "effect"
import { createServer } from "node:http"

const ClientInfo = PlexClientInfo.layer({ clientIdentifier: "simulator-test", product: "Simulator test" })

const InFiber = PlexAuthHttp.layer().pipe(
  Layer.provide(ClientInfo),
  Layer.provideMerge(PlexTvSimulator.layerHttpClient)
)

/** Asks as any HTTP client would. */
const ask = (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method: "GET" | "POST" = "GET",
  body?: string
) =>
  Effect.gen(function* () {
    const client = yield* HttpClient.HttpClient
    const { baseUrl } = yield* PlexTvSimulator
    const request = HttpClientRequest.make(method)(`${baseUrl}${path}`, { headers })
    const response = yield* client.execute(
      body === undefined ? request : HttpClientRequest.bodyText(request, body, headers["content-type"])
    )
    return { status: response.status, type: response.headers["content-type"] ?? "", text: yield* response.text }
  })

const json = { accept: "application/json", "x-plex-client-identifier": "by-hand" }

describe("PlexTvSimulator", () => {
  it.effect("gives a link PIN of four characters for 900 s, and a strong one of 25 for 1,800 s", () =>
    Effect.gen(function* () {
      const link = yield* ask("/pins", json, "POST")
      const strong = yield* ask("/pins?strong=true", json, "POST")
      assert.strictEqual(link.status, 201)
      assert.strictEqual(link.type, "application/json; charset=utf-8")
      const linkPin = yield* Schema.decode(Schema.parseJson(CreatePinResponse))(link.text)
      const strongPin = yield* Schema.decode(Schema.parseJson(CreatePinResponse))(strong.text)
      assert.match(Redacted.value(linkPin.code), /^[A-Z0-9]{4}$/)
      assert.match(Redacted.value(strongPin.code), /^[a-z0-9]{25}$/)
      assert.match(link.text, /"id":[0-9]{10},.*"expiresIn":900,"createdAt":"1970-01-01T00:00:00Z"/)
      assert.match(strong.text, /"expiresIn":1800,/)
    }).pipe(Effect.provide(InFiber))
  )

  it.effect("takes strong from JSON and from a form, and X-Plex-* from the query", () =>
    Effect.gen(function* () {
      const fromJson = yield* ask("/pins", { ...json, "content-type": "application/json" }, "POST", `{"strong":true}`)
      const form = { ...json, "content-type": "application/x-www-form-urlencoded" }
      const fromForm = yield* ask("/pins", form, "POST", "strong=true")
      const accept = { accept: "application/json" }
      const fromQuery = yield* ask("/pins?X-Plex-Client-Identifier=from-query&X-Plex-Product=App", accept, "POST")
      assert.match(fromJson.text, /"expiresIn":1800,/)
      assert.match(fromForm.text, /"expiresIn":1800,/)
      assert.match(fromQuery.text, /"product":"App",.*"clientIdentifier":"from-query"/)
    }).pipe(Effect.provide(InFiber))
  )

  it.effect("answers in XML where JSON was not asked for, exactly", () =>
    Effect.gen(function* () {
      for (const accept of ["*/*", "application/json, text/plain, */*", "application/xml"]) {
        const pin = yield* ask("/pins", { ...json, accept }, "POST")
        assert.strictEqual(pin.type, "application/xml; charset=utf-8")
        assert.match(pin.text, /^<\?xml version="1.0" encoding="UTF-8"\?><pin id="[0-9]+" code="[A-Z0-9]{4}" /)
        assert.match(pin.text, / authToken="" newRegistration=""><location code="US" /)
        const unknown = yield* ask("/pins/1", { ...json, accept })
        assert.strictEqual(
          unknown.text,
          `<?xml version="1.0" encoding="UTF-8"?><errors><error code="1020" message="Code not found or expired" status="404"></error></errors>`
        )
      }
    }).pipe(Effect.provide(InFiber))
  )

  it.effect("refuses as plex.tv does: 400/1000, 404/1020, 401/1001, 404 for a path it does not have", () =>
    Effect.gen(function* () {
      const accept = { accept: "application/json" }
      const outcomes = [
        yield* ask("/pins", accept, "POST"),
        yield* ask("/pins/1", accept),
        yield* ask("/pins/1", json),
        yield* ask("/pins/..%2f..%2fuser", json),
        yield* ask("/user", json),
        yield* ask("/user", { ...json, "x-plex-token": "nobody-has-this" }),
        yield* ask("/nowhere", json)
      ]
      assert.deepStrictEqual(
        outcomes.map(({ status, text }) => `${String(status)} ${/"code":([0-9]+)/.exec(text)?.[1] ?? "none"}`),
        ["400 1000", "400 1000", "404 1020", "404 1020", "401 1001", "401 1001", "404 1002"]
      )
    }).pipe(Effect.provide(InFiber))
  )

  it.effect(
    "lets pages of other origins send what Plex documents and nothing else, and read bodies and no headers",
    () =>
      Effect.gen(function* () {
        const client = yield* HttpClient.HttpClient
        const { baseUrl, requests } = yield* PlexTvSimulator
        const origin = { origin: "https://app.example.com" }
        const preflight = yield* HttpClientRequest.options(`${baseUrl}/pins`, {
          headers: {
            ...origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "traceparent"
          }
        }).pipe(client.execute)
        assert.strictEqual(preflight.status, 204)
        assert.strictEqual(preflight.headers["access-control-allow-origin"], "*")
        const allowed = preflight.headers["access-control-allow-headers"]?.toLowerCase().split(", ") ?? []
        assert.includeMembers(allowed, ["accept", "content-type", "x-plex-client-identifier", "x-plex-token"])
        assert.isTrue(allowed.every((name) => /^(accept|content-type|x-plex-.*)$/.test(name)))
        assert.isEmpty(yield* requests)

        const pin = yield* client.post(`${baseUrl}/pins`, { headers: { ...json, ...origin } })
        assert.strictEqual(pin.status, 201)
        assert.strictEqual(pin.headers["access-control-allow-origin"], "*")
        assert.notProperty(pin.headers, "access-control-expose-headers")
        assert.notProperty(pin.headers, "access-control-allow-credentials")
        const sameOrigin = yield* client.post(`${baseUrl}/pins`, { headers: json })
        assert.notProperty(sameOrigin.headers, "access-control-allow-origin")
      }).pipe(Effect.provide(InFiber))
  )

  it.effect("is all of a sign-in, and records what was asked without the token", () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const plex = yield* PlexAuth
      const pin = yield* SignIn.start({ strong: true })
      assert.deepStrictEqual(
        (yield* simulator.waiting).map(({ product, strong }) => ({ product, strong })),
        [{ product: "Simulator test", strong: true }]
      )
      const claimed = yield* simulator.claim(pin.code, "bob")
      const waiting = yield* Effect.fork(SignIn.wait(pin))
      yield* TestClock.adjust("2 seconds")
      const token = yield* Fiber.join(waiting)
      assert.strictEqual(Redacted.value(token), Redacted.value(claimed))
      const account = yield* plex.account(token)
      assert.strictEqual(account.displayName, "bob")
      const requests = yield* simulator.requests
      assert.deepStrictEqual(
        requests.map(({ method, path }) => `${method} ${path}`),
        ["POST /api/v2/pins", `GET /api/v2/pins/${pin.id}`, "GET /api/v2/user"]
      )
      assert.notInclude(JSON.stringify(requests), Redacted.value(token))
    }).pipe(Effect.provide(InFiber))
  )

  it.effect("lets a PIN expire by Effect's clock, to the second", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const pin = yield* SignIn.start()
      yield* TestClock.adjust("899 seconds")
      const alive = yield* plex.getToken({ pinID: pin.id })
      assert.isTrue(Option.isNone(alive.authToken))
      yield* TestClock.adjust("1 second")
      const gone = yield* Effect.flip(plex.getToken({ pinID: pin.id }))
      assert.strictEqual(gone._tag, "PinNotFound")
    }).pipe(Effect.provide(InFiber))
  )

  it.effect("knows a PIN under the client identifier that made it, and under no other", () =>
    Effect.gen(function* () {
      const plex = yield* PlexAuth
      const pin = yield* SignIn.start()
      const other = yield* Effect.flip(plex.getToken({ pinID: pin.id, xPlexClientIdentifier: "someone-else" }))
      assert.strictEqual(other._tag, "PinNotFound")
    }).pipe(Effect.provide(InFiber))
  )

  it.effect("threat 13: keeps one token for an account and a client identifier", () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const plex = yield* PlexAuth
      const claimAs = (username: string) => Effect.flatMap(SignIn.start(), (pin) => simulator.claim(pin.code, username))
      const first = yield* claimAs("alice")
      const bob = yield* claimAs("bob")
      const second = yield* claimAs("alice")
      assert.strictEqual((yield* Effect.flip(plex.account(first)))._tag, "Unauthorized")
      assert.strictEqual((yield* plex.account(bob)).displayName, "bob")
      yield* simulator.revoke(second)
      assert.strictEqual((yield* Effect.flip(plex.account(second)))._tag, "Unauthorized")
    }).pipe(Effect.provide(InFiber))
  )

  it.effect("expires on demand, and says so of a code that it does not know", () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const plex = yield* PlexAuth
      const pin = yield* SignIn.start()
      yield* simulator.expire(pin.code)
      assert.strictEqual((yield* Effect.flip(plex.getToken({ pinID: pin.id })))._tag, "PinNotFound")
      assert.strictEqual((yield* Effect.flip(simulator.claim(pin.code)))._tag, "UnknownCode")
    }).pipe(Effect.provide(InFiber))
  )
})

const OverSocket = PlexTvSimulator.layerServer.pipe(
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.orDie
)

const wires = {
  "in the caller's fiber": InFiber,
  "behind a socket, fetch": Layer.unwrapEffect(
    Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layerFetch({ baseUrl }))
  ).pipe(Layer.provide(ClientInfo), Layer.provideMerge(OverSocket)),
  "behind a socket, undici": Layer.unwrapEffect(
    Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layer({ baseUrl }))
  ).pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.provide(ClientInfo), Layer.provideMerge(OverSocket))
}

/** A turn of the event loop, in which sockets are read and written. */
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

/** Lets time pass, a second at a time and with turns for the sockets in between, until the effect has ended. */
const whileTimePasses = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* Effect.repeatN(turn, 20)
      yield* TestClock.adjust("1 second")
    }
    return yield* Fiber.join(fiber)
  })

for (const [name, layer] of Object.entries(wires)) {
  describe(`Fault, ${name}`, () => {
    const outcomes = (...faults: ReadonlyArray<Fault.Fault>) =>
      Effect.gen(function* () {
        const simulator = yield* PlexTvSimulator
        const plex = yield* PlexAuth
        const pin = yield* SignIn.start()
        yield* simulator.script(...faults)
        const look = plex.getToken({ pinID: pin.id }).pipe(
          PlexAuthPolicy.with({ retry: Schedule.stop }),
          Effect.match({
            onFailure: (error) => ("reason" in error ? `${error._tag} ${String(error.reason)}` : error._tag),
            onSuccess: () => "pending"
          })
        )
        return yield* Effect.replicateEffect(look, faults.length + 1)
      })

    it.scoped("each is the error that the client has for it, and the next answer is right", () =>
      Effect.gen(function* () {
        const found = yield* outcomes(
          Fault.none,
          Fault.reset,
          Fault.cut(40),
          Fault.redirect("http://127.0.0.1:9/"),
          Fault.garbage(),
          Fault.status(429, { headers: { "retry-after": "7" } }),
          Fault.status(503, { headers: { "content-type": "text/html" }, body: "<h1>Sorry</h1>" })
        )
        assert.deepStrictEqual(found, [
          "pending",
          "PlexUnavailable reset",
          "PlexUnavailable reset",
          "InvalidResponse redirect",
          "InvalidResponse notJson",
          "RateLimited",
          "PlexUnavailable status",
          "pending"
        ])
      }).pipe(Effect.provide(layer))
    )

    it.scoped("silence, and a body that drips for too long, end with the time that a request has", () =>
      Effect.gen(function* () {
        const found = yield* whileTimePasses(outcomes(Fault.silence, Fault.slow("1 second")))
        assert.deepStrictEqual(found, ["PlexUnavailable timeout", "PlexUnavailable timeout", "pending"])
      }).pipe(Effect.provide(layer))
    )
  })
}
