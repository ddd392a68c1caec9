import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApp from "@effect/platform/HttpApp"
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { ClientIdentifier } from "@plex-auth/core"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { isTagged } from "effect/Predicate"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import type { Scope } from "effect/Scope"
import { PlexTvApi } from "../../PlexTvApi.js"
import { accountBody, errorBody, pinBody, toXml } from "./bodies.js"
import type { Body } from "./bodies.js"
import { accountOfToken, addPin, findPin, lifetime } from "./state.js"
import type { State } from "./state.js"

class SimulatedApi extends PlexTvApi.prefix("/api/v2") {}

/** plex.tv answers in JSON when it is asked for JSON, exactly, and else in XML. */
const reply = (
  request: HttpServerRequest.HttpServerRequest,
  status: number,
  body: Body
): HttpServerResponse.HttpServerResponse =>
  request.headers["accept"] === "application/json"
    ? HttpServerResponse.text(JSON.stringify(body.json), { status, contentType: "application/json; charset=utf-8" })
    : HttpServerResponse.text(toXml(body), { status, contentType: "application/xml; charset=utf-8" })

const noClientIdentifier = (request: HttpServerRequest.HttpServerRequest) =>
  reply(request, 400, errorBody(1000, "X-Plex-Client-Identifier is missing", 400))

export const unknownPin = (request: HttpServerRequest.HttpServerRequest) =>
  reply(request, 404, errorBody(1020, "Code not found or expired", 404))

const unauthorized = (request: HttpServerRequest.HttpServerRequest) =>
  reply(request, 401, errorBody(1001, "User could not be authenticated", 401))

/** Letters and digits by Effect's `Random`, so that a test with a seed gets the same ones again. */
export const randomText = (alphabet: string, length: number): Effect.Effect<string> =>
  Effect.map(Effect.replicateEffect(Random.nextIntBetween(0, alphabet.length), length), (indices) =>
    indices.map((index) => alphabet.charAt(index)).join("")
  )

const linkAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const lowerAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

const newPin = (strong: boolean, product: string, clientIdentifier: ClientIdentifier) =>
  Effect.gen(function* () {
    const createdAt = yield* Clock.currentTimeMillis
    return {
      id: yield* Random.nextIntBetween(1_000_000_000, 9_999_999_999),
      code: yield* strong ? randomText(lowerAlphabet, 25) : randomText(linkAlphabet, 4),
      strong,
      product,
      clientIdentifier,
      createdAt,
      expiresAt: createdAt + lifetime(strong),
      token: Option.none<string>()
    }
  })

const pins = (state: Ref.Ref<State>) =>
  HttpApiBuilder.group(SimulatedApi, "pins", (handlers) =>
    handlers
      .handleRaw("createPin", ({ headers, request, urlParams }) =>
        Effect.gen(function* () {
          const clientIdentifier = headers["x-plex-client-identifier"]
          if (clientIdentifier === undefined) return noClientIdentifier(request)
          const pin = yield* newPin(urlParams.strong ?? false, headers["x-plex-product"] ?? "", clientIdentifier)
          yield* Ref.update(state, addPin(pin))
          return reply(request, 201, pinBody(pin, pin.createdAt))
        })
      )
      .handleRaw("getToken", ({ headers, path, request }) =>
        Effect.gen(function* () {
          const clientIdentifier = headers["x-plex-client-identifier"]
          if (clientIdentifier === undefined) return noClientIdentifier(request)
          const now = yield* Clock.currentTimeMillis
          return Option.match(findPin(yield* Ref.get(state), path.pinID, clientIdentifier, now), {
            onNone: () => unknownPin(request),
            onSome: (pin) => reply(request, 200, pinBody(pin, now))
          })
        })
      )
  )

const user = (state: Ref.Ref<State>) =>
  HttpApiBuilder.group(SimulatedApi, "user", (handlers) =>
    handlers.handleRaw("account", ({ headers, request }) =>
      Effect.gen(function* () {
        const token = headers["x-plex-token"]
        if (token === undefined) return unauthorized(request)
        return Option.match(accountOfToken(yield* Ref.get(state), Redacted.value(token)), {
          onNone: () => unauthorized(request),
          onSome: (account) => reply(request, 200, accountBody(account, Redacted.value(token)))
        })
      })
    )
  )

/** The endpoints of the contract, over the state given. */
export const contractApp = (state: Ref.Ref<State>): Effect.Effect<HttpApp.Default<never, Scope>> =>
  Effect.gen(function* () {
    const app = yield* HttpApiBuilder.httpApp
    const services = yield* Effect.context<HttpRouter.HttpRouter.DefaultServices>()
    return app.pipe(
      Effect.mapInputContext((request: Context.Context<HttpServerRequest.HttpServerRequest | Scope>) =>
        Context.merge(services, request)
      ),
      // It fails with an error that is not in its type when no route fits.
      Effect.catchAllCause((cause) =>
        isTagged(Cause.squash(cause), "RouteNotFound")
          ? Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
              reply(request, 404, errorBody(1002, "Not found", 404))
            )
          : Effect.failCause(cause)
      )
    )
  }).pipe(
    Effect.provide(
      HttpApiBuilder.api(SimulatedApi).pipe(
        Layer.provide([pins(state), user(state)]),
        Layer.provideMerge(
          Layer.mergeAll(HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer, HttpServer.layerContext)
        )
      )
    )
  )
