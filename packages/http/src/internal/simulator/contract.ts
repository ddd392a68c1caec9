import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import type * as HttpApp from "@effect/platform/HttpApp"
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { AccessToken } from "@plex-auth/core/AccessToken"
import type { ClientIdentifier } from "@plex-auth/core/ClientIdentifier"
import type { DeviceJwt } from "@plex-auth/core/DeviceJwt"
import type { PublicJwk } from "@plex-auth/core/PublicJwk"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { hasProperty, isTagged } from "effect/Predicate"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import type { Scope } from "effect/Scope"
import { PlexTvApi } from "../../PlexTvApi.js"
import { accountBody, errorBody, homeUsersBody, pinBody, serverBody, toXml } from "./bodies.js"
import type { Body } from "./bodies.js"
import { endOf, jwkIn, jwtIn, readDeviceJwt, tokenClaims } from "./devices.js"
import type { SigningKeys } from "./devices.js"
import {
  accountOf,
  accountOfToken,
  addNonce,
  addPin,
  childOf,
  claimPin,
  deviceOf,
  findPin,
  holderOf,
  homePin,
  giveDeviceToken,
  isTaken,
  lifetime,
  mostNonces,
  nonceCount,
  registerDevice,
  revokeToken,
  switchTo,
  useNonce,
  waitingPins
} from "./state.js"
import type { Account, Pin, State, Token } from "./state.js"

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

const randomUuid = Effect.map(randomText("0123456789abcdef", 30), (hex) =>
  hex.replace(/^(.{8})(.{4})(.{3})(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5")
)

const newToken = randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 20)

const newPin = (
  strong: boolean,
  product: string,
  clientIdentifier: ClientIdentifier,
  jwk: Option.Option<PublicJwk>,
  createdAt: number
) =>
  Effect.gen(function* () {
    return {
      id: yield* Random.nextIntBetween(1_000_000_000, 9_999_999_999),
      code: yield* strong ? randomText(lowerAlphabet, 25) : randomText(linkAlphabet, 4),
      strong,
      product,
      clientIdentifier,
      createdAt,
      expiresAt: createdAt + lifetime(strong),
      token: Option.none<string>(),
      jwk
    }
  })

/** The time by the clock of the simulated plex.tv, in milliseconds. */
export const timeOf = (state: Ref.Ref<State>): Effect.Effect<number> =>
  Effect.zipWith(Clock.currentTimeMillis, Ref.get(state), (now, { clockOffset }) => now + clockOffset)

const bodyOf = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<unknown> =>
  Effect.orElseSucceed(request.json, () => undefined)

const notSigned = (request: HttpServerRequest.HttpServerRequest) =>
  reply(request, 422, errorBody(1008, "Signature verification failed", 422))

const taken = (request: HttpServerRequest.HttpServerRequest) =>
  reply(request, 422, errorBody(1998, "Thumbprint already taken", 422))

/** Whether whoever asks for a PIN may read it. One that a device asked for with its key is read with that key alone. */
const mayRead = (pin: Pin, jwt: DeviceJwt | undefined, now: number): Effect.Effect<boolean> =>
  Option.match(pin.jwk, {
    onNone: () => Effect.succeed(true),
    onSome: (jwk) =>
      jwt === undefined
        ? Effect.succeed(false)
        : Effect.map(readDeviceJwt(Redacted.value(jwt), jwk, pin.clientIdentifier, now), Option.isSome)
  })

/** Claims a PIN as a user: with a legacy token, or with one for the key of the device that asked. */
export const claimAs = (state: Ref.Ref<State>, keys: SigningKeys, pin: Pin, username: string): Effect.Effect<string> =>
  Effect.gen(function* () {
    if (Option.isNone(pin.jwk)) {
      const token = yield* newToken
      yield* Ref.update(state, claimPin(pin, username, token))
      return token
    }
    const account = accountOf(yield* Ref.get(state), username)
    const about = { nonce: undefined, scope: [] }
    const claims = tokenClaims(account, pin.clientIdentifier, pin.jwk.value, about, yield* timeOf(state))
    const token = yield* keys.sign(claims)
    yield* Ref.update(state, claimPin(pin, username, token, endOf(claims)))
    return token
  })

const pins = (state: Ref.Ref<State>, keys: SigningKeys) =>
  HttpApiBuilder.group(SimulatedApi, "pins", (handlers) =>
    handlers
      .handleRaw("createPin", ({ headers, request, urlParams }) =>
        Effect.gen(function* () {
          const clientIdentifier = headers["x-plex-client-identifier"]
          if (clientIdentifier === undefined) return noClientIdentifier(request)
          const body = yield* bodyOf(request)
          const jwk = jwkIn(body)
          if (Option.isNone(jwk) && hasProperty(body, "jwk")) {
            return reply(request, 400, errorBody(1004, "Malformed request", 400))
          }
          const all = yield* Ref.get(state)
          if (Option.exists(jwk, (key) => isTaken(all, key, clientIdentifier))) return taken(request)
          const now = yield* timeOf(state)
          const product = headers["x-plex-product"] ?? ""
          const pin = yield* newPin(urlParams.strong ?? false, product, clientIdentifier, jwk, now)
          yield* Ref.update(state, addPin(pin))
          return reply(request, 201, pinBody(pin, pin.createdAt))
        })
      )
      .handleRaw("getToken", ({ headers, path, request, urlParams }) =>
        Effect.gen(function* () {
          const clientIdentifier = headers["x-plex-client-identifier"]
          if (clientIdentifier === undefined) return noClientIdentifier(request)
          const now = yield* timeOf(state)
          const pin = findPin(yield* Ref.get(state), path.pinID, clientIdentifier, now)
          if (Option.isNone(pin)) return unknownPin(request)
          return (yield* mayRead(pin.value, urlParams.deviceJWT, now))
            ? reply(request, 200, pinBody(pin.value, now))
            : notSigned(request)
        })
      )
      .handleRaw("linkPin", (asked) =>
        asUser(state, asked, (account) =>
          Effect.gen(function* () {
            const form = new URLSearchParams(yield* Effect.orElseSucceed(asked.request.text, () => ""))
            const now = yield* timeOf(state)
            const code = (form.get("code") ?? "").toUpperCase()
            const pin = waitingPins(yield* Ref.get(state), now).find((each) => !each.strong && each.code === code)
            if (pin === undefined) return unknownPin(asked.request)
            yield* claimAs(state, keys, pin, account.username)
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
    if ((yield* timeOf(state)) >= held.value.expiresAt) {
      return reply(request, 498, errorBody(1001, "The token has expired", 498))
    }
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

const auth = (state: Ref.Ref<State>, keys: SigningKeys) =>
  HttpApiBuilder.group(SimulatedApi, "auth", (handlers) =>
    handlers
      .handleRaw("nonce", ({ headers, request }) =>
        Effect.gen(function* () {
          const clientIdentifier = headers["x-plex-client-identifier"]
          if (clientIdentifier === undefined) return noClientIdentifier(request)
          const createdAt = yield* timeOf(state)
          if (nonceCount(yield* Ref.get(state), clientIdentifier, createdAt) >= mostNonces) {
            const refused = reply(request, 429, errorBody(1003, "Too many requests", 429))
            return HttpServerResponse.setHeader(refused, "retry-after", "60")
          }
          const nonce = yield* randomUuid
          yield* Ref.update(state, addNonce({ nonce, clientIdentifier, createdAt }))
          return reply(request, 200, { element: "nonce", json: { nonce } })
        })
      )
      .handleRaw("exchangeJwt", ({ headers, request }) =>
        Effect.gen(function* () {
          const clientIdentifier = headers["x-plex-client-identifier"]
          if (clientIdentifier === undefined) return noClientIdentifier(request)
          const jwt = jwtIn(yield* bodyOf(request))
          if (Option.isNone(jwt)) return reply(request, 400, errorBody(1004, "Malformed request", 400))
          const now = yield* timeOf(state)
          const all = yield* Ref.get(state)
          const device = deviceOf(all, clientIdentifier)
          if (Option.isNone(device)) return notSigned(request)
          const { jwk, username } = device.value
          const about = yield* readDeviceJwt(jwt.value, jwk, clientIdentifier, now)
          if (Option.isNone(about)) return notSigned(request)
          if (!(yield* Ref.modify(state, useNonce(about.value.nonce, clientIdentifier, now)))) return notSigned(request)
          const claims = tokenClaims(accountOf(all, username), clientIdentifier, jwk, about.value, now)
          const token = yield* keys.sign(claims)
          yield* Ref.update(state, giveDeviceToken({ token, username, clientIdentifier, expiresAt: endOf(claims) }))
          return reply(request, 200, { element: "auth", json: { auth_token: token } })
        })
      )
      .handleRaw("registerKey", (asked) =>
        asUser(state, asked, ({ username }, { clientIdentifier }) =>
          Effect.gen(function* () {
            const jwk = jwkIn(yield* bodyOf(asked.request))
            if (Option.isNone(jwk)) return reply(asked.request, 400, errorBody(1004, "Malformed request", 400))
            if (isTaken(yield* Ref.get(state), jwk.value, clientIdentifier)) return taken(asked.request)
            yield* Ref.update(state, registerDevice({ clientIdentifier, username, jwk: jwk.value }))
            return done
          })
        )
      )
      .handleRaw("keys", ({ request }) =>
        Effect.map(keys.published, (json) => reply(request, 200, { element: "keys", json }))
      )
  )

/** The endpoints of the contract, over the state and the keys given. */
export const contractApp = (state: Ref.Ref<State>, keys: SigningKeys): Effect.Effect<HttpApp.Default<never, Scope>> =>
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
        Layer.provide([pins(state, keys), user(state), home(state), auth(state, keys)]),
        Layer.provideMerge(
          Layer.mergeAll(HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer, HttpServer.layerContext)
        )
      )
    )
  )
