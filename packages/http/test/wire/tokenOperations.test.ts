/** What is done with a token, over real sockets: what goes out, what is made of the answers, and what shows nowhere. */
import { assert, describe, it } from "@effect/vitest"
import { HomePinRejected, InvalidRequest, isPlexAuthError, PlexAuth, ServerConnection } from "@plex-auth/core"
import type { AccessToken } from "@plex-auth/core"
import { Array as Arr, Cause, Effect, Exit, Option, Redacted } from "effect"
import { inspect } from "node:util"
import { at, bench, clients, errorOf, header, once, token, valueOf } from "../support/testBench.js"
import { accountBody } from "../support/bodies.js"
import { recordingConsole, recordingLogger, recordingTracer } from "../support/recording.js"
import { fin, html, json, plexError, reset, respond } from "../support/steps.js"

const noContent = respond({ status: 204 })

const plex = <A, E>(use: (service: PlexAuth.Service) => Effect.Effect<A, E>) => Effect.flatMap(PlexAuth, use)

const homePin = Redacted.make("4711")

const ping = plex((service) => service.ping(token))
const signOut = plex((service) => service.signOut(token))
const linkPin = plex((service) => service.linkPin(token, " ab12 "))
const resources = plex((service) => service.resources(token))
const homeUsers = plex((service) => service.homeUsers(token))
const switchUser = plex((service) => service.switchUser(token, { uuid: "00ff", pin: homePin }))

const server = {
  clientIdentifier: "a-server",
  name: "Living Room",
  provides: "client, server",
  owned: true,
  accessToken: "SERVER-TOKEN",
  connections: [{ uri: "https://10-0-0-2.plex.direct:32400", local: true, relay: false, port: 32400 }]
}

/** A body that the service has been seen to send, or could, where only what a result needs may fail it. */
const odd: ReadonlyArray<unknown> = [undefined, null, 1, "x", true, [], {}, "0"]

for (const client of clients) {
  describe(`with a token, ${client.name}`, () => {
    it.scoped("each operation sends what Plex documents, with the token in a header", () =>
      Effect.gen(function* () {
        const script = [
          json('{"pong":true}'),
          noContent,
          noContent,
          json(JSON.stringify([server])),
          json('{"users":[]}'),
          json(accountBody({ authToken: "KID" }))
        ]
        const { run, server: plexTv } = yield* bench({ client, script })
        yield* valueOf(yield* run(ping))
        yield* valueOf(yield* run(signOut))
        yield* valueOf(yield* run(linkPin))
        yield* valueOf(yield* run(resources))
        yield* valueOf(yield* run(homeUsers))
        const switched = yield* valueOf(yield* run(switchUser))
        assert.strictEqual(Redacted.value(switched.authToken), "KID")
        assert.strictEqual(switched.displayName, "Alice")
        assert.deepStrictEqual(
          plexTv.requests.map(({ method, target }) => `${method} ${target}`),
          [
            "GET /api/v2/ping",
            "DELETE /api/v2/users/signout",
            "PUT /api/v2/pins/link",
            "GET /api/v2/resources?includeHttps=1&includeRelay=1&includeIPv6=1",
            "GET /api/v2/home/users",
            "POST /api/v2/home/users/00ff/switch?pin=4711"
          ]
        )
        for (const request of plexTv.requests) {
          assert.deepStrictEqual(header(request, "x-plex-token"), ["TOK"])
          assert.deepStrictEqual(header(request, "accept"), ["application/json"])
          assert.deepStrictEqual(header(request, "x-plex-client-identifier"), ["raw-bytes-client"])
        }
        assert.match(header(at(plexTv.requests, 2), "content-type").join(), /^application\/x-www-form-urlencoded/)
        assert.strictEqual(at(plexTv.requests, 2).body, "code=AB12")
      })
    )

    it.scoped("case 44: valid, invalid and unknown are three different outcomes", () =>
      Effect.gen(function* () {
        const script = [
          json(accountBody()),
          plexError(401, 1001, "User could not be authenticated"),
          plexError(422, 1998, "Invalid token"),
          html(401),
          html(503),
          plexError(429, 1003, ""),
          plexError(422, 1008, "not valid"),
          plexError(403, 1041, ""),
          html(200),
          reset,
          fin
        ]
        const { run } = yield* bench({ client, script })
        const account = once(plex((service) => service.account(token)))
        assert.isTrue(Exit.isSuccess(yield* run(account)))
        for (let i = 0; i < 3; i++) assert.strictEqual((yield* errorOf(yield* run(account)))._tag, "Unauthorized")
        for (let i = 4; i < script.length; i++) {
          const error = yield* errorOf(yield* run(account))
          assert.include(["PlexUnavailable", "RateLimited", "Rejected", "InvalidResponse"], error._tag)
        }
      })
    )

    it.scoped("a device that can't be read, or a connection, takes no other with it", () =>
      Effect.gen(function* () {
        const connections = [
          null,
          {},
          { uri: "javascript:alert(1)" },
          { uri: "https://user@evil.example" },
          { uri: "http://10.0.0.2:32400", local: "yes", port: "32400" }
        ]
        const others = odd.flatMap((value) => [value ?? null, { ...server, clientIdentifier: value }])
        const fields = odd.flatMap((value) =>
          ["name", "provides", "owned", "accessToken", "connections"].map((field) => ({ ...server, [field]: value }))
        )
        const body = [...others, { ...server, connections }, ...fields]
        const { run } = yield* bench({ client, script: [json(JSON.stringify(body))] })
        const found = yield* valueOf(yield* run(resources))
        const valid = others.filter((other) => JSON.stringify(other).includes('"clientIdentifier":"'))
        assert.lengthOf(found, valid.length + 1 + fields.length)
        const first = at(found, valid.length)
        assert.deepStrictEqual(
          first.connections.map(({ uri }) => uri),
          ["http://10.0.0.2:32400"]
        )
        assert.isTrue(first.isServer)
        assert.strictEqual(Option.getOrThrow(Option.map(first.accessToken, Redacted.value)), "SERVER-TOKEN")
      })
    )

    it.scoped("a list that is none is an InvalidResponse, never an empty list", () =>
      Effect.gen(function* () {
        const script = ["{}", "null", '"x"', "", "<html>", "[", '{"users":{}}'].map((body) => json(body))
        const { run } = yield* bench({ client, script: [...script, ...script] })
        for (const _ of script)
          assert.strictEqual((yield* errorOf(yield* run(once(resources))))._tag, "InvalidResponse")
        for (const _ of script)
          assert.strictEqual((yield* errorOf(yield* run(once(homeUsers))))._tag, "InvalidResponse")
      })
    )

    it.scoped("what answers a sign-out with a page did not sign out", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({ client, script: [html(200), json("{}"), json("")] })
        assert.strictEqual((yield* errorOf(yield* run(signOut)))._tag, "InvalidResponse")
        yield* valueOf(yield* run(signOut))
        yield* valueOf(yield* run(signOut))
      })
    )

    it.scoped("reading is tried again, and changing is sent once", () =>
      Effect.gen(function* () {
        for (const [call, tries] of [
          [ping, 3],
          [resources, 3],
          [homeUsers, 3],
          [signOut, 1],
          [linkPin, 1],
          [switchUser, 1]
        ] as const) {
          const { run, server: plexTv } = yield* bench({ client, script: [html(503), html(503), html(503)] })
          const exit: Exit.Exit<unknown, { readonly _tag: string }> = yield* run<unknown, { readonly _tag: string }>(
            call
          )
          assert.strictEqual((yield* errorOf(exit))._tag, "PlexUnavailable")
          assert.lengthOf(plexTv.requests, tries)
        }
      })
    )

    it.scoped("a wrong PIN of a Home user, and a code that nobody shows, are errors of their own", () =>
      Effect.gen(function* () {
        const { run } = yield* bench({
          client,
          script: [
            plexError(403, 1041, "Invalid PIN"),
            plexError(403, 1001, ""),
            plexError(404, 1020, "Code not found")
          ]
        })
        const wrong = yield* errorOf(yield* run(switchUser))
        assert.instanceOf(wrong, HomePinRejected)
        assert.strictEqual((yield* errorOf(yield* run(switchUser)))._tag, "Rejected")
        assert.strictEqual((yield* errorOf(yield* run(linkPin)))._tag, "PinNotFound")
      })
    )

    it.scoped("case 35: bad input names its field, and nothing is sent", () =>
      Effect.gen(function* () {
        const { run, server: plexTv } = yield* bench({ client, script: [] })
        const strange: AccessToken = JSON.parse('"a string"')
        const uuids = ["", "../../user", "a?pin=1", "a#b", "%2e%2e", "a b", "é", "x".repeat(65)]
        const pins = ["", "123", "12345", "12a4", " 1234", "1234\r\n"]
        const bad: ReadonlyArray<readonly [field: string, call: Effect.Effect<unknown, unknown, PlexAuth>]> = [
          ...["", "AB-12", "../x", "AB12?", "ABCDEFGHI", "é"].map(
            (code) => ["code", plex((service) => service.linkPin(token, code))] as const
          ),
          ...uuids.map((uuid) => ["uuid", plex((service) => service.switchUser(token, { uuid }))] as const),
          ...pins.map(
            (pin) =>
              ["pin", plex((service) => service.switchUser(token, { uuid: "a1", pin: Redacted.make(pin) }))] as const
          ),
          ["token", plex((service) => service.ping(strange))],
          ["token", plex((service) => service.signOut(strange))],
          ["token", plex((service) => service.resources(strange))],
          ["token", plex((service) => service.homeUsers(strange))],
          ["token", plex((service) => service.linkPin(strange, "AB12"))],
          ["token", plex((service) => service.switchUser(strange, { uuid: "a1" }))]
        ]
        for (const [field, call] of bad) {
          const error = yield* errorOf(yield* run(call))
          assert.instanceOf(error, InvalidRequest)
          assert.include(error.message, `${field} must be`)
        }
        assert.strictEqual(plexTv.connections(), 0)
      })
    )

    it.scoped("case 40, threat 4: neither token nor PIN shows in a span, a log or an error", () =>
      Effect.gen(function* () {
        const secrets = ["TOK", "4711", "S3RVER-TOKEN-CANARY-1", "K1D-TOKEN-CANARY-0001"]
        const echoAll = plexError(422, 1008, `No ${secrets.join(" ")}`)
        // What was sent with the request, or looks like a secret.
        const echo = plexError(422, 1008, `No ${secrets.filter((secret) => secret !== "4711").join(" ")}`)
        const script = [
          json(JSON.stringify([{ ...server, accessToken: secrets[2] }])),
          json(accountBody({ authToken: secrets[3] })),
          echoAll,
          echo,
          echo,
          html(500)
        ]
        const { run } = yield* bench({ client, script })
        yield* recordingConsole
        const { layer: tracer, spans } = recordingTracer()
        const { layer: logger, lines } = recordingLogger()
        const calls: ReadonlyArray<Effect.Effect<unknown, unknown, PlexAuth>> = [
          resources,
          switchUser,
          switchUser,
          linkPin,
          ping,
          signOut
        ]
        const shown: Array<string> = []
        for (const call of calls) {
          const exit = yield* run(
            once(call).pipe(
              Effect.tapBoth({ onFailure: Effect.logError, onSuccess: Effect.logInfo }),
              Effect.provide([tracer, logger])
            )
          )
          shown.push(String(exit), inspect(exit, { depth: null, showHidden: true }), JSON.stringify(exit))
          if (Exit.isSuccess(exit)) continue
          const error = Cause.squash(exit.cause)
          assert.isTrue(isPlexAuthError(error))
          shown.push(Cause.pretty(exit.cause), String(error))
        }
        shown.push(...lines, ...spans.map((span) => inspect(span, { depth: 6, showHidden: true })))
        assert.lengthOf(spans, calls.length)
        const text = shown.join("\n")
        for (const secret of secrets) assert.isFalse(new RegExp(`\\b${secret}\\b`).test(text), secret)
      })
    )
  })
}

describe("ServerConnection.bestFirst", () => {
  it("is local before remote before relay, and of each https before http", () => {
    const way = (uri: string, local: boolean, relay = false) =>
      new ServerConnection({
        uri,
        local: Option.some(local),
        relay: Option.some(relay),
        protocol: Option.none(),
        address: Option.none(),
        port: Option.none(),
        IPv6: Option.none()
      })
    const inOrder = [
      way("https://local.example", true),
      way("http://local.example", true),
      way("https://remote.example", false),
      way("http://remote.example", false),
      way("https://relay.example", false, true)
    ]
    assert.deepStrictEqual(Arr.sort([...inOrder].reverse(), ServerConnection.bestFirst), inOrder)
  })
})
