import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { AccessToken } from "@plex-auth/core/AccessToken"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Fault from "../../testing/Fault.js"
import type { PlexTvSimulator } from "../../testing/PlexTvSimulator.js"
import { UnknownCode } from "../../testing/UnknownCode.js"
import { answerAuthPage, authScript, emptyAuthPage } from "./authPage.js"
import { serverIdentifier } from "./bodies.js"
import { claimAs, contractApp, timeOf, unknownPin } from "./contract.js"
import { answerPreflight, isPreflight, readableAnywhere } from "./crossOrigin.js"
import { makeSigningKeys } from "./devices.js"
import { faulty } from "./faulty.js"
import { linkPage } from "./linkPage.js"
import { normalized } from "./normalized.js"
import { empty, expirePin, revokeToken, waitingPins } from "./state.js"
import type { State } from "./state.js"

/** A request's target may be anything. */
const targetOf = (request: HttpServerRequest.HttpServerRequest): URL =>
  new URL(`http://simulated${request.url.startsWith("/") ? request.url : "/"}`)

const isToken = (name: string) => name.toLowerCase() === "x-plex-token"

/** Without the token, the PIN of a Home user, and what a device signed. */
const withoutSecrets = (record: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(record).filter(([name]) => !isToken(name) && name !== "pin" && name !== "deviceJWT")
  )

const recorded = (request: HttpServerRequest.HttpServerRequest, at: number): PlexTvSimulator.RecordedRequest => {
  const url = targetOf(request)
  const query = Object.fromEntries(url.searchParams)
  const token = request.headers["x-plex-token"] ?? Object.entries(query).find(([name]) => isToken(name))?.[1]
  return {
    at,
    method: request.method,
    path: url.pathname,
    query: withoutSecrets(query),
    headers: withoutSecrets({ ...request.headers }),
    token: token === undefined ? undefined : Redacted.make(token)
  }
}

/** A simulated plex.tv before it is reachable: what answers requests, and what controls it. */
export const makeSimulation = Effect.gen(function* () {
  const state = yield* Ref.make<State>(empty)
  const faults = yield* Ref.make<ReadonlyArray<Fault.Fault>>([])
  const requests = yield* Ref.make<ReadonlyArray<PlexTvSimulator.RecordedRequest>>([])
  const keys = yield* makeSigningKeys
  const contract = yield* contractApp(state, keys)

  const waitingNow = Effect.map(Effect.all([Ref.get(state), timeOf(state)]), ([all, now]) => waitingPins(all, now))

  const byCode = (code: string | Redacted.Redacted) =>
    Effect.flatMap(waitingNow, (pins) => {
      const plain = Redacted.isRedacted(code) ? Redacted.value(code) : code
      const pin = pins.find((each) => (each.strong ? each.code === plain : each.code === plain.toUpperCase()))
      return pin === undefined ? Effect.fail(new UnknownCode()) : Effect.succeed(pin)
    })

  const claim = (code: string | Redacted.Redacted, username = "alice") =>
    Effect.gen(function* () {
      const pin = yield* byCode(code)
      return Schema.decodeSync(AccessToken)(yield* claimAs(state, keys, pin, username))
    })

  const controls = {
    waiting: Effect.map(waitingNow, (pins) =>
      pins.map(({ clientIdentifier, code, product, strong }) => ({ clientIdentifier, code, product, strong }))
    ),
    claim,
    expire: (code: string | Redacted.Redacted) =>
      Effect.gen(function* () {
        const pin = yield* byCode(code)
        yield* Ref.update(state, expirePin(pin, yield* timeOf(state)))
      }),
    revoke: (token: AccessToken) => Ref.update(state, revokeToken(Redacted.value(token))),
    setResources: (resources: ReadonlyArray<unknown>) =>
      Ref.update(state, (all) => ({ ...all, resources: Option.some(resources) })),
    rotateKeys: Effect.asVoid(keys.rotate),
    setClockOffset: (millis: number) => Ref.update(state, (all) => ({ ...all, clockOffset: millis })),
    script: (...next: ReadonlyArray<Fault.Fault>) => Ref.update(faults, (all) => [...all, ...next]),
    requests: Ref.get(requests)
  }

  const formOf = (request: HttpServerRequest.HttpServerRequest) =>
    request.text.pipe(
      Effect.orElseSucceed(() => ""),
      Effect.map((text) => new URLSearchParams(text))
    )

  const page = (request: HttpServerRequest.HttpServerRequest, url: URL) =>
    Effect.gen(function* () {
      if (request.method === "POST") {
        const form = yield* formOf(request)
        const code = (form.get("code") ?? "").trim()
        const username = (form.get("username") ?? "").trim() || "alice"
        const outcome = yield* Effect.either(claim(code, username))
        const pins = yield* waitingNow
        return Either.match(outcome, {
          onLeft: () =>
            linkPage({
              pins,
              code,
              status: 404,
              message: "That code is not known here, has expired, or was claimed already."
            }),
          onRight: () => linkPage({ pins, code: "", message: `Linked as ${username}. You can go back to your app.` })
        })
      }
      return linkPage({ pins: yield* waitingNow, code: url.searchParams.get("pin") ?? "" })
    })

  const app = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const url = targetOf(request)
    if (url.pathname === "/") return HttpServerResponse.redirect("/link")
    if (/^\/link\/?$/.test(url.pathname)) return yield* page(request, url)
    if (url.pathname === "/identity") {
      return HttpServerResponse.unsafeJson({ MediaContainer: { machineIdentifier: serverIdentifier } })
    }
    if (url.pathname === "/auth.js") return authScript
    if (/^\/auth\/?$/.test(url.pathname)) {
      return request.method === "POST"
        ? yield* answerAuthPage(yield* formOf(request), yield* waitingNow, claim)
        : emptyAuthPage
    }
    if (isPreflight(request)) return answerPreflight

    const at = yield* Clock.currentTimeMillis
    yield* Ref.update(requests, (all) => [...all, recorded(request, at)])
    const fault = yield* Ref.modify(faults, (all) => [all[0] ?? Fault.none, all.slice(1)])
    const usual = /^\/api\/v2\/pins\/(?!([0-9]{1,20}|link)$)[^/]*$/.test(url.pathname)
      ? Effect.succeed(unknownPin(request))
      : Effect.flatMap(normalized(request), (asked) =>
          Effect.provideService(contract, HttpServerRequest.HttpServerRequest, asked)
        )
    const answer = readableAnywhere(request, yield* faulty(fault, usual))
    // By its own clock, and not by that of the machine.
    const date = new Date(yield* timeOf(state)).toUTCString()
    return answer.headers["date"] === undefined ? HttpServerResponse.setHeader(answer, "date", date) : answer
  })

  return { app, controls }
})
