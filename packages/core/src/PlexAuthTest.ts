/**
 * `PlexAuth` for tests: no HTTP, no plex.tv. Requests are decoded as they are on the wire, so bad input fails in a test as
 * it will fail in production, and each request is recorded.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import type { AccessToken } from "./AccessToken.js"
import { Account } from "./Account.js"
import { ClientIdentifier } from "./ClientIdentifier.js"
import type { CreatePinRequest } from "./CreatePinRequest.js"
import type { DeviceJwt } from "./DeviceJwt.js"
import type { GetTokenRequest } from "./GetTokenRequest.js"
import { GetTokenResponse } from "./GetTokenResponse.js"
import { rememberPolicy } from "./internal/builtPolicy.js"
import { clientIdentifierOf } from "./internal/clientIdentifierOf.js"
import {
  decodeCreatePin,
  decodeDeviceJwt,
  decodeGetToken,
  decodeLinkCode,
  decodeRegisterKey,
  decodeSwitchUser,
  decodeToken
} from "./internal/requests.js"
import { monotonicNow } from "./internal/monotonic.js"
import { HomeUser } from "./HomeUser.js"
import { LinkPin, StrongPin } from "./Pin.js"
import type { Pin } from "./Pin.js"
import { PinId } from "./PinId.js"
import { PlexAuth } from "./PlexAuth.js"
import { PlexClientInfo } from "./PlexClientInfo.js"
import type { PlexKey } from "./PlexKeys.js"
import type { PublicJwk } from "./PublicJwk.js"
import { Resource } from "./Resource.js"
import type { SwitchUserRequest } from "./SwitchUserRequest.js"
import { SwitchUserResponse } from "./SwitchUserResponse.js"

/**
 * A request that was made of a test layer.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import type { PlexAuthTest } from "@plex-auth/core"
 *
 * const isLook = (recorded: PlexAuthTest.Recorded): boolean => recorded.operation === "getToken"
 * ```
 */
export type Recorded =
  | { readonly operation: "createPin"; readonly request: CreatePinRequest }
  | { readonly operation: "getToken"; readonly request: GetTokenRequest; readonly deviceJwt?: DeviceJwt }
  | { readonly operation: "account" | "ping" | "signOut" | "resources" | "homeUsers"; readonly token: AccessToken }
  | { readonly operation: "linkPin"; readonly token: AccessToken; readonly code: string }
  | { readonly operation: "switchUser"; readonly token: AccessToken; readonly request: SwitchUserRequest }
  | { readonly operation: "registerKey"; readonly token: AccessToken; readonly jwk: PublicJwk }
  | { readonly operation: "exchangeJwt"; readonly deviceJwt: DeviceJwt }
  | { readonly operation: "nonce" | "keys" }

/**
 * What a test layer records. Read it with {@link requests}.
 *
 * @since 0.1.0
 * @category services
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 * import { Effect, Ref } from "effect"
 *
 * const forget = Effect.flatMap(PlexAuthTest.Recorder, (recorder) => Ref.set(recorder, []))
 * ```
 */
export class Recorder extends Context.Tag("@plex-auth/core/PlexAuthTest/Recorder")<
  Recorder,
  Ref.Ref<ReadonlyArray<Recorded>>
>() {}

/**
 * The requests made so far, the first one first. Those that did not decode are not among them, since they would not have
 * been sent.
 *
 * @since 0.1.0
 * @category accessors
 * @example
 * ```ts
 * import { PlexAuth, PlexAuthTest } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function* () {
 *   const plex = yield* PlexAuth
 *   yield* plex.getToken({ pinID: "1" })
 *   const requests = yield* PlexAuthTest.requests
 *   console.log(requests.map(({ operation }) => operation)) // ["getToken"]
 * }).pipe(Effect.provide(PlexAuthTest.layer({ getToken: PlexAuthTest.pending() })))
 *
 * Effect.runSync(program)
 * ```
 */
export const requests: Effect.Effect<ReadonlyArray<Recorded>, never, Recorder> = Effect.flatMap(Recorder, Ref.get)

/**
 * What a member of a test layer answers: a value, an error of this library, or any other effect (one that takes time, say,
 * or never ends).
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 * import type { GetTokenResponse, PlexAuth } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const slowly: PlexAuthTest.Answer<GetTokenResponse, PlexAuth.GetTokenError> = Effect.delay(
 *   Effect.succeed(PlexAuthTest.pending()),
 *   "3 seconds"
 * )
 * ```
 */
export type Answer<A, E> = A | Effect.Effect<A, E>

/**
 * An answer for each member that a test needs.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const answers: PlexAuthTest.Answers = { createPin: PlexAuthTest.linkPin(), getToken: PlexAuthTest.pending() }
 * ```
 */
export interface Answers {
  readonly createPin?: Answer<Pin, PlexAuth.CreatePinError>
  readonly getToken?: Answer<GetTokenResponse, PlexAuth.GetTokenError>
  readonly account?: Answer<Account, PlexAuth.AccountError>
  readonly ping?: Answer<void, PlexAuth.AccountError>
  readonly signOut?: Answer<void, PlexAuth.AccountError>
  readonly linkPin?: Answer<void, PlexAuth.LinkPinError>
  readonly resources?: Answer<ReadonlyArray<Resource>, PlexAuth.AccountError>
  readonly homeUsers?: Answer<ReadonlyArray<HomeUser>, PlexAuth.AccountError>
  readonly switchUser?: Answer<SwitchUserResponse, PlexAuth.SwitchUserError>
  readonly registerKey?: Answer<void, PlexAuth.RegisterKeyError>
  readonly nonce?: Answer<string, PlexAuth.KeysError>
  readonly exchangeJwt?: Answer<AccessToken, PlexAuth.ExchangeJwtError>
  readonly keys?: Answer<ReadonlyArray<PlexKey>, PlexAuth.KeysError>
}

/**
 * Answers for each member that a test needs, one a call.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const script: PlexAuthTest.Script = { getToken: [PlexAuthTest.pending(), PlexAuthTest.claimed("a-token")] }
 * ```
 */
export interface Script {
  readonly createPin?: ReadonlyArray<Answer<Pin, PlexAuth.CreatePinError>>
  readonly getToken?: ReadonlyArray<Answer<GetTokenResponse, PlexAuth.GetTokenError>>
  readonly account?: ReadonlyArray<Answer<Account, PlexAuth.AccountError>>
  readonly ping?: ReadonlyArray<Answer<void, PlexAuth.AccountError>>
  readonly signOut?: ReadonlyArray<Answer<void, PlexAuth.AccountError>>
  readonly linkPin?: ReadonlyArray<Answer<void, PlexAuth.LinkPinError>>
  readonly resources?: ReadonlyArray<Answer<ReadonlyArray<Resource>, PlexAuth.AccountError>>
  readonly homeUsers?: ReadonlyArray<Answer<ReadonlyArray<HomeUser>, PlexAuth.AccountError>>
  readonly switchUser?: ReadonlyArray<Answer<SwitchUserResponse, PlexAuth.SwitchUserError>>
  readonly registerKey?: ReadonlyArray<Answer<void, PlexAuth.RegisterKeyError>>
  readonly nonce?: ReadonlyArray<Answer<string, PlexAuth.KeysError>>
  readonly exchangeJwt?: ReadonlyArray<Answer<AccessToken, PlexAuth.ExchangeJwtError>>
  readonly keys?: ReadonlyArray<Answer<ReadonlyArray<PlexKey>, PlexAuth.KeysError>>
}

/**
 * `PlexAuth` with a fixed answer for each member. A member without an answer dies with a defect that names it.
 *
 * Where a `PlexClientInfo` is provided below the layer, a request without a client identifier fails as it would on the
 * wire; where there is none, the identifier does not matter.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { PinNotFound, PlexAuth, PlexAuthTest } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * const program = PlexAuth.pipe(Effect.flatMap((plex) => plex.getToken({ pinID: "1" })))
 *
 * const claimed = program.pipe(Effect.provide(PlexAuthTest.layer({ getToken: PlexAuthTest.claimed("a-token") })))
 *
 * const gone = program.pipe(
 *   Effect.provide(
 *     PlexAuthTest.layer({
 *       getToken: new PinNotFound({ operation: "PlexAuth.getToken", status: 404, code: 1020, reasons: ["expired"] })
 *     })
 *   )
 * )
 * ```
 */
export const layer = (answers: Answers): Layer.Layer<PlexAuth | Recorder> =>
  layerFrom({
    createPin: fixed("createPin", answers.createPin),
    getToken: fixed("getToken", answers.getToken),
    account: fixed("account", answers.account),
    ping: fixed("ping", answers.ping),
    signOut: fixed("signOut", answers.signOut),
    linkPin: fixed("linkPin", answers.linkPin),
    resources: fixed("resources", answers.resources),
    homeUsers: fixed("homeUsers", answers.homeUsers),
    switchUser: fixed("switchUser", answers.switchUser),
    registerKey: fixed("registerKey", answers.registerKey),
    nonce: fixed("nonce", answers.nonce),
    exchangeJwt: fixed("exchangeJwt", answers.exchangeJwt),
    keys: fixed("keys", answers.keys)
  })

/**
 * `PlexAuth` from a script: each call of a member takes its next answer. A call after the last one dies with a defect that
 * names the member and counts the answers.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { PlexAuthTest, PlexUnavailable, SignIn } from "@plex-auth/core"
 * import { Effect } from "effect"
 *
 * // Pending, then a fault, then claimed: the wait gets over it. Drive the time with TestClock.
 * const token = Effect.flatMap(PlexAuthTest.linkPin(), SignIn.wait).pipe(
 *   Effect.provide(
 *     PlexAuthTest.layerScript({
 *       getToken: [
 *         PlexAuthTest.pending(),
 *         new PlexUnavailable({ operation: "PlexAuth.getToken", reason: "reset" }),
 *         PlexAuthTest.claimed("a-token")
 *       ]
 *     })
 *   )
 * )
 * ```
 */
export const layerScript = (script: Script): Layer.Layer<PlexAuth | Recorder> =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      return layerFrom({
        createPin: yield* scripted("createPin", script.createPin),
        getToken: yield* scripted("getToken", script.getToken),
        account: yield* scripted("account", script.account),
        ping: yield* scripted("ping", script.ping),
        signOut: yield* scripted("signOut", script.signOut),
        linkPin: yield* scripted("linkPin", script.linkPin),
        resources: yield* scripted("resources", script.resources),
        homeUsers: yield* scripted("homeUsers", script.homeUsers),
        switchUser: yield* scripted("switchUser", script.switchUser),
        registerKey: yield* scripted("registerKey", script.registerKey),
        nonce: yield* scripted("nonce", script.nonce),
        exchangeJwt: yield* scripted("exchangeJwt", script.exchangeJwt),
        keys: yield* scripted("keys", script.keys)
      })
    })
  )

interface Members {
  readonly createPin: Effect.Effect<Pin, PlexAuth.CreatePinError>
  readonly getToken: Effect.Effect<GetTokenResponse, PlexAuth.GetTokenError>
  readonly account: Effect.Effect<Account, PlexAuth.AccountError>
  readonly ping: Effect.Effect<void, PlexAuth.AccountError>
  readonly signOut: Effect.Effect<void, PlexAuth.AccountError>
  readonly linkPin: Effect.Effect<void, PlexAuth.LinkPinError>
  readonly resources: Effect.Effect<ReadonlyArray<Resource>, PlexAuth.AccountError>
  readonly homeUsers: Effect.Effect<ReadonlyArray<HomeUser>, PlexAuth.AccountError>
  readonly switchUser: Effect.Effect<SwitchUserResponse, PlexAuth.SwitchUserError>
  readonly registerKey: Effect.Effect<void, PlexAuth.RegisterKeyError>
  readonly nonce: Effect.Effect<string, PlexAuth.KeysError>
  readonly exchangeJwt: Effect.Effect<AccessToken, PlexAuth.ExchangeJwtError>
  readonly keys: Effect.Effect<ReadonlyArray<PlexKey>, PlexAuth.KeysError>
}

const layerFrom = (members: Members): Layer.Layer<PlexAuth | Recorder> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const recorder = yield* Ref.make<ReadonlyArray<Recorded>>([])
      const client = yield* Effect.serviceOption(PlexClientInfo)
      const record = (recorded: Recorded) => Ref.update(recorder, (all) => [...all, recorded])
      const identified = (operation: string, request: CreatePinRequest | GetTokenRequest) =>
        Option.match(client, {
          onNone: () => Effect.void,
          onSome: (info) => Effect.asVoid(clientIdentifierOf(operation, request, info))
        })
      const withToken =
        <A>(
          operation: "account" | "ping" | "signOut" | "resources" | "homeUsers",
          member: Effect.Effect<A, PlexAuth.AccountError>
        ) =>
        (input: AccessToken) =>
          Effect.flatMap(decodeToken(`PlexAuth.${operation}`, input), (token) =>
            Effect.zipRight(record({ operation, token }), member)
          )
      const service: PlexAuth.Service = {
        createPin: Effect.fnUntraced(function* (input: CreatePinRequest.Input = {}) {
          const request = yield* decodeCreatePin(input)
          yield* identified("PlexAuth.createPin", request)
          yield* record({ operation: "createPin", request })
          return yield* members.createPin
        }),
        getToken: Effect.fnUntraced(function* (input: GetTokenRequest.Input, signed?: DeviceJwt) {
          const request = yield* decodeGetToken(input)
          const deviceJwt = signed === undefined ? undefined : yield* decodeDeviceJwt("PlexAuth.getToken", signed)
          yield* identified("PlexAuth.getToken", request)
          yield* record({ operation: "getToken", request, ...(deviceJwt === undefined ? {} : { deviceJwt }) })
          return yield* members.getToken
        }),
        account: withToken("account", members.account),
        ping: withToken("ping", members.ping),
        signOut: withToken("signOut", members.signOut),
        resources: withToken("resources", members.resources),
        homeUsers: withToken("homeUsers", members.homeUsers),
        linkPin: Effect.fnUntraced(function* (input: AccessToken, typed: string) {
          const token = yield* decodeToken("PlexAuth.linkPin", input)
          const { code } = yield* decodeLinkCode({ code: typed })
          yield* record({ operation: "linkPin", token, code })
          return yield* members.linkPin
        }),
        switchUser: Effect.fnUntraced(function* (input: AccessToken, fields: SwitchUserRequest.Input) {
          const token = yield* decodeToken("PlexAuth.switchUser", input)
          const request = yield* decodeSwitchUser(fields)
          yield* record({ operation: "switchUser", token, request })
          return yield* members.switchUser
        }),
        registerKey: Effect.fnUntraced(function* (input: AccessToken, key: PublicJwk) {
          const token = yield* decodeToken("PlexAuth.registerKey", input)
          const { jwk } = yield* decodeRegisterKey({ jwk: key })
          yield* record({ operation: "registerKey", token, jwk })
          return yield* members.registerKey
        }),
        nonce: Effect.zipRight(record({ operation: "nonce" }), members.nonce),
        exchangeJwt: Effect.fnUntraced(function* (input: DeviceJwt) {
          const deviceJwt = yield* decodeDeviceJwt("PlexAuth.exchangeJwt", input)
          yield* record({ operation: "exchangeJwt", deviceJwt })
          return yield* members.exchangeJwt
        }),
        keys: Effect.zipRight(record({ operation: "keys" }), members.keys),
        clockOffset: Effect.succeed(0)
      }
      rememberPolicy(service, yield* Effect.context<never>())
      return Context.make(PlexAuth, service).pipe(Context.add(Recorder, recorder))
    })
  )

const missing = (member: string) =>
  Effect.dieMessage(`PlexAuthTest: PlexAuth.${member} was called, but the test gave no answer for it.`)

const answered = <A, E>(answer: Answer<A, E>): Effect.Effect<A, E> =>
  Effect.isEffect(answer) ? answer : Effect.succeed(answer)

const fixed = <A, E>(member: string, answer: Answer<A, E> | undefined): Effect.Effect<A, E> =>
  answer === undefined ? missing(member) : answered(answer)

const scripted = <A, E>(member: string, answers: ReadonlyArray<Answer<A, E>> | undefined) =>
  Effect.map(Ref.make(0), (calls): Effect.Effect<A, E> => {
    if (answers === undefined) return missing(member)
    return Effect.flatMap(
      Ref.getAndUpdate(calls, (n) => n + 1),
      (call): Effect.Effect<A, E> => {
        const answer = answers[call]
        if (answer !== undefined) return answered(answer)
        const message = `the script of PlexAuth.${member} has ${answers.length} answers, and this is call ${call + 1}`
        return Effect.dieMessage(`PlexAuthTest: ${message}.`)
      }
    )
  })

interface PinFixture {
  readonly code?: string
  readonly expiresIn?: Duration.DurationInput
}

const pinFields = (fixture: PinFixture, lifetime: Duration.Duration) =>
  Effect.map(monotonicNow, (receivedAt) => ({
    id: PinId.make("1"),
    clientIdentifier: ClientIdentifier.make("plex-auth-test"),
    expiresIn: fixture.expiresIn === undefined ? lifetime : Duration.decode(fixture.expiresIn),
    receivedAt
  }))

/**
 * A link PIN that has just arrived, with the code `AB12` and 15 minutes to live, unless said otherwise.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({
 *   createPin: PlexAuthTest.linkPin({ code: "WXYZ", expiresIn: "1 minute" }),
 *   getToken: PlexAuthTest.claimed("a-token")
 * })
 * ```
 */
export const linkPin = (fixture: PinFixture = {}): Effect.Effect<LinkPin> =>
  Effect.map(
    pinFields(fixture, Duration.minutes(15)),
    (fields) => new LinkPin({ ...fields, code: fixture.code ?? "AB12" })
  )

/**
 * A strong PIN that has just arrived, with 30 minutes to live, unless said otherwise.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({ createPin: PlexAuthTest.strongPin() })
 * ```
 */
export const strongPin = (fixture: PinFixture = {}): Effect.Effect<StrongPin> =>
  Effect.map(
    pinFields(fixture, Duration.minutes(30)),
    (fields) => new StrongPin({ ...fields, code: Redacted.make(fixture.code ?? "0123456789abcdefghijklmno") })
  )

/**
 * The account of a user called Alice.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({ account: PlexAuthTest.account() })
 * ```
 */
export const account = (): Account => Schema.decodeSync(Account)({ id: 1, username: "alice", title: "Alice" })

/**
 * A server of the account's, which can be reached in its own network and from outside.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({ resources: [PlexAuthTest.server()] })
 * ```
 */
export const server = (): Resource =>
  Schema.decodeSync(Resource)({
    clientIdentifier: "a-server",
    name: "Living Room",
    product: "Plex Media Server",
    provides: "server",
    owned: true,
    accessToken: "server-token",
    connections: [
      { uri: "https://10-0-0-2.example.plex.direct:32400", local: true },
      { uri: "https://203-0-113-7.example.plex.direct:32400", local: false }
    ]
  })

/**
 * A user of a Plex Home.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({ homeUsers: [PlexAuthTest.homeUser()] })
 * ```
 */
export const homeUser = (): HomeUser =>
  Schema.decodeSync(HomeUser)({ id: 2, uuid: "0000000000000002", title: "Kid", protected: true, restricted: true })

/**
 * The answer to a switch to that user.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({ switchUser: PlexAuthTest.switched("the-token-of-the-kid") })
 * ```
 */
export const switched = (token: string): SwitchUserResponse =>
  Schema.decodeSync(SwitchUserResponse)({ id: 2, uuid: "0000000000000002", title: "Kid", authToken: token })

const answer = Schema.decodeSync(GetTokenResponse)

/**
 * The answer for a PIN that nobody has claimed yet.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({ getToken: PlexAuthTest.pending() })
 * ```
 */
export const pending = (): GetTokenResponse => answer({ id: "1", code: "AB12", expiresIn: 900, authToken: null })

/**
 * The answer for a PIN that was claimed, with the token in it. Throws when the token is not 1 to 8192 visible ASCII
 * characters.
 *
 * @since 0.1.0
 * @category fixtures
 * @example
 * ```ts
 * import { PlexAuthTest } from "@plex-auth/core"
 *
 * const TestPlex = PlexAuthTest.layer({ getToken: PlexAuthTest.claimed("a-token") })
 * ```
 */
export const claimed = (token: string): GetTokenResponse =>
  answer({ id: "1", code: "AB12", expiresIn: 890, authToken: token, newRegistration: false })
