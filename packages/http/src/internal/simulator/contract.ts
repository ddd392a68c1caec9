import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApp from "@effect/platform/HttpApp"
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { AccessToken, ClientIdentifier } from "@plex-auth/core"
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
import { accountBody, errorBody, homeUsersBody, pinBody, serverBody, toXml } from "./bodies.js"
import type { Body } from "./bodies.js"
import {
  accountOfToken,
  addPin,
  childOf,
  claimPin,
  findPin,
  holderOf,
  homePin,
  lifetime,
  revokeToken,
  switchTo,
  waitingPins
} from "./state.js"
import type { Account, State, Token } from "./state.js"

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
const randomText = (alphabet: string, length: number): Effect.Effect<string> =>
  Effect.map(Effect.replicateEffect(Random.nextIntBetween(0, alphabet.length), length), (indices) =>
    indices.map((index) => alphabet.charAt(index)).join("")
  )

const linkAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const lowerAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

export const newToken = randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 20)

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
      .handleRaw("linkPin", (asked) =>
        asUser(state, asked, (account) =>
          Effect.gen(function* () {
            const form = new URLSearchParams(yield* Effect.orElseSucceed(asked.request.text, () => ""))
            const now = yield* Clock.currentTimeMillis
            const code = (form.get("code") ?? "").toUpperCase()
            const pin = waitingPins(yield* Ref.get(state), now).find((each) => !each.strong && each.code === code)
            if (pin === undefined) return unknownPin(asked.request)
            yield* Ref.update(state, claimPin(pin, account.username, yield* newToken))
            return done
          })
        )
      )
  )

/** Whose token a request has, and what to answer if it is nobody's. */
const asUser = (
  state: Ref.Ref<State>,
  {
    headers,
    request
  }: {
    readonly headers: { readonly "x-plex-token"?: AccessToken | undefined }
    readonly request: HttpServerRequest.HttpServerRequest
  },
  answer: (
    account: Account,
    held: Token
  ) => HttpServerResponse.HttpServerResponse | Effect.Effect<HttpServerResponse.HttpServerResponse>
) =>
  Effect.gen(function* () {
    const all = yield* Ref.get(state)
    const token = headers["x-plex-token"]
    const held = token === undefined ? Option.none() : holderOf(all, Redacted.value(token))
    const account = Option.flatMap(held, (known) => accountOfToken(all, known.token))
    if (Option.isNone(held) || Option.isNone(account)) return unauthorized(request)
    const answered = answer(account.value, held.value)
    return Effect.isEffect(answered) ? yield* answered : answered
  })

const done = HttpServerResponse.empty({ status: 204 })

const user = (state: Ref.Ref<State>) =>
  HttpApiBuilder.group(SimulatedApi, "user", (handlers) =>
    handlers
      .handleRaw("account", (asked) =>
        asUser(state, asked, (account, { token }) => reply(asked.request, 200, accountBody(account, token)))
      )
      .handleRaw("ping", (asked) =>
        asUser(state, asked, () => reply(asked.request, 200, { element: "pong", json: { pong: true } }))
      )
      .handleRaw("signOut", (asked) =>
        asUser(state, asked, (_, { token }) => Effect.as(Ref.update(state, revokeToken(token)), done))
      )
      .handleRaw("resources", (asked) =>
        asUser(state, asked, () =>
          Effect.map(Ref.get(state), ({ resources }) => {
            const own = () => [serverBody(new URL(`http://${asked.request.headers["host"] ?? "plex.example"}`))]
            return HttpServerResponse.text(JSON.stringify(Option.getOrElse(resources, own)), {
              contentType: "application/json; charset=utf-8"
            })
          })
        )
      )
  )

const home = (state: Ref.Ref<State>) =>
  HttpApiBuilder.group(SimulatedApi, "home", (handlers) =>
    handlers
      .handleRaw("homeUsers", (asked) =>
        asUser(state, asked, (account) => reply(asked.request, 200, homeUsersBody(account, childOf(account))))
      )
      .handleRaw("switchUser", (asked) =>
        asUser(state, asked, (account, { clientIdentifier }) =>
          Effect.gen(function* () {
            const { path, request, urlParams } = asked
            const child = childOf(account)
            const user = [account, child].find(({ uuid }) => uuid === path.uuid)
            if (user === undefined) return reply(request, 404, errorBody(1002, "Not found", 404))
            if (user === child && urlParams.pin !== homePin) {
              return reply(request, 403, errorBody(1041, "Invalid PIN", 403))
            }
            const token = yield* newToken
            yield* Ref.update(state, switchTo(user, clientIdentifier, token))
            return reply(request, 201, accountBody(user, token))
          })
        )
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
        Layer.provide([pins(state), user(state), home(state)]),
        Layer.provideMerge(
          Layer.mergeAll(HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer, HttpServer.layerContext)
        )
      )
    )
  )
