import "./nativeFetch.js"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import {
  AccessToken,
  defaultRetry,
  DeviceJwt,
  DeviceKey,
  PlexAuth,
  PlexAuthPolicy,
  PlexClientInfo,
  Thumbprint
} from "@plex-auth/core"
import type { Account, GetTokenResponse, InvalidRequest, Pin, PlexKey } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import {
  Chunk,
  Clock,
  Context,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Redacted,
  Schedule,
  Schema,
  TestClock
} from "effect"
import type { Scope } from "effect"
import * as diagnostics from "node:diagnostics_channel"
import { pinID } from "./bodies.js"
import { rawServer } from "./rawServer.js"
import type { RawServer, Step } from "./rawServer.js"

export interface Client {
  readonly name: string
  readonly layer: (options: PlexAuthHttp.Options) => Layer.Layer<PlexAuth, InvalidRequest, PlexClientInfo>
}

const fetchClient: Client = { name: "fetch", layer: PlexAuthHttp.layerFetch }

const undiciClient: Client = {
  name: "undici",
  layer: (options) => PlexAuthHttp.layer(options).pipe(Layer.provide(NodeHttpClient.layerUndici))
}

export const clients: ReadonlyArray<Client> = [fetchClient, undiciClient]

const clientIdentifier = "raw-bytes-client"

export const clientInfo: PlexClientInfo.Options = { clientIdentifier, product: "Raw Bytes" }

export const token = Schema.decodeSync(AccessToken)("TOK")

/** The key of RFC 8037, appendix A. */
export const deviceKey = new DeviceKey({
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  kid: Thumbprint.make("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
  d: Redacted.make("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
})

export const deviceJwt = Schema.decodeSync(DeviceJwt)("e30.e30.c2lnbmVk")

/** One turn of the event loop: what is on the loopback device arrives. */
export const turn: Effect.Effect<void> = Effect.async<void>((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** Waits for something that happens outside of Effect; the timeout of the test is the bound. */
export const until = (condition: () => boolean): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    const check = () => {
      if (condition()) resume(Effect.void)
      else immediate = setImmediate(check)
    }
    let immediate = setImmediate(check)
    return Effect.sync(() => clearImmediate(immediate))
  })

/** Whether the library has a request under way, as one client after the other says. */
interface Traffic {
  busy: boolean
}

/** `fetch` and undici both publish each request that they begin. */
const traffic: Effect.Effect<Traffic, never, Scope.Scope> = Effect.gen(function* () {
  const state: Traffic = { busy: false }
  const begun = () => void (state.busy = true)
  yield* Effect.acquireRelease(
    Effect.sync(() => diagnostics.subscribe("undici:request:create", begun)),
    () => Effect.sync(() => void diagnostics.unsubscribe("undici:request:create", begun))
  )
  return state
})

/** A call of an operation, with its times by the clock of the test. */
export interface Call {
  readonly begunAt: number
  readonly endedAt: number
}

const observed = (plex: PlexAuth.Service, state: Traffic, calls: Array<Call>): PlexAuth.Service => {
  const observe = <A, E>(operation: Effect.Effect<A, E>) =>
    Effect.acquireUseRelease(
      Effect.zipRight(
        Effect.sync(() => void (state.busy = true)),
        Clock.currentTimeMillis
      ),
      () => operation,
      (begunAt) =>
        Effect.map(Clock.currentTimeMillis, (endedAt) => {
          state.busy = false
          calls.push({ begunAt, endedAt })
        })
    )
  return {
    createPin: (request) => observe(plex.createPin(request)),
    getToken: (request, signed) => observe(plex.getToken(request, signed)),
    account: (accessToken) => observe(plex.account(accessToken)),
    ping: (accessToken) => observe(plex.ping(accessToken)),
    signOut: (accessToken) => observe(plex.signOut(accessToken)),
    linkPin: (accessToken, code) => observe(plex.linkPin(accessToken, code)),
    resources: (accessToken) => observe(plex.resources(accessToken)),
    homeUsers: (accessToken) => observe(plex.homeUsers(accessToken)),
    switchUser: (accessToken, request) => observe(plex.switchUser(accessToken, request)),
    registerKey: (accessToken, jwk) => observe(plex.registerKey(accessToken, jwk)),
    nonce: observe(plex.nonce),
    exchangeJwt: (signed) => observe(plex.exchangeJwt(signed)),
    keys: observe(plex.keys),
    clockOffset: plex.clockOffset
  }
}

export interface Bench {
  readonly server: RawServer
  /** The calls of `PlexAuth`'s operations that have ended. */
  readonly calls: ReadonlyArray<Call>
  /**
   * Forks the effect and drives the test's clock until it ends. The clock is moved from one sleeper to the next, and only
   * while nothing is under way on the network: no request, or one that the script keeps waiting. So the times that the
   * server records are exact.
   */
  readonly run: <A, E>(effect: Effect.Effect<A, E, PlexAuth>) => Effect.Effect<Exit.Exit<A, E>>
  readonly fork: <A, E>(
    effect: Effect.Effect<A, E, PlexAuth>
  ) => Effect.Effect<Fiber.RuntimeFiber<A, E>, never, Scope.Scope>
  /** Drives the clock like `run`, until the fiber ends or the condition holds. */
  readonly drive: (fiber: Fiber.RuntimeFiber<unknown, unknown>, stop?: () => boolean) => Effect.Effect<void>
}

export interface BenchOptions {
  readonly client: Client
  readonly script: ReadonlyArray<Step>
  readonly info?: PlexClientInfo.Options
  readonly policy?: Partial<PlexAuthPolicy.Service>
  readonly server?: RawServer
}

/** A client over a server of its own, for one test. */
export const bench = (options: BenchOptions): Effect.Effect<Bench, InvalidRequest, Scope.Scope> =>
  Effect.gen(function* () {
    const { client, info = clientInfo, policy = {}, script } = options
    const server = options.server ?? (yield* rawServer(...script))
    const state = yield* traffic
    const retry = Schedule.tapInput(policy.retry ?? defaultRetry, () => Effect.sync(() => void (state.busy = false)))
    const context = yield* Layer.build(
      client
        .layer({ baseUrl: server.baseUrl })
        .pipe(Layer.provide(PlexClientInfo.layer(info)), Layer.provide(PlexAuthPolicy.layer({ ...policy, retry })))
    )
    const calls: Array<Call> = []
    const plex = observed(Context.get(context, PlexAuth), state, calls)

    const drive = (fiber: Fiber.RuntimeFiber<unknown, unknown>, stop: () => boolean = () => false) =>
      Effect.gen(function* () {
        while (true) {
          yield* Effect.repeatN(turn, 1)
          // A request that is over lets go of what the server held for it.
          yield* until(() => fiber.unsafePoll() !== null || state.busy === server.holding())
          yield* turn
          if (fiber.unsafePoll() !== null || stop()) return
          const sleeps = yield* TestClock.sleeps()
          if (Chunk.isNonEmpty(sleeps)) yield* TestClock.setTime(Math.min(...sleeps))
        }
      })
    // The pace of a wait is remembered with the service that a layer made, and this is another one.
    const paced = PlexAuthPolicy.with(policy.poll === undefined ? {} : { poll: policy.poll })
    const provided = <A, E>(effect: Effect.Effect<A, E, PlexAuth>) =>
      Effect.provideService(paced(effect), PlexAuth, plex)

    return {
      server,
      calls,
      drive,
      fork: (effect) => Effect.forkScoped(provided(effect)),
      run: (effect) =>
        Effect.acquireUseRelease(
          // A fiber that is forked while something is acquired could not be interrupted.
          Effect.fork(Effect.interruptible(provided(effect))),
          (fiber) => Effect.zipRight(drive(fiber), Fiber.await(fiber)),
          Fiber.interrupt
        )
    }
  })

/** One request, whatever comes back. */
export const once = PlexAuthPolicy.with({ retry: Schedule.stop })

export const createPin: Effect.Effect<Pin, PlexAuth.CreatePinError, PlexAuth> = Effect.flatMap(PlexAuth, (plex) =>
  plex.createPin()
)

export const getToken: Effect.Effect<GetTokenResponse, PlexAuth.GetTokenError, PlexAuth> = Effect.flatMap(
  PlexAuth,
  (plex) => plex.getToken({ pinID })
)

export const account: Effect.Effect<Account, PlexAuth.AccountError, PlexAuth> = Effect.flatMap(PlexAuth, (plex) =>
  plex.account(token)
)

export const registerKey: Effect.Effect<void, PlexAuth.RegisterKeyError, PlexAuth> = Effect.flatMap(PlexAuth, (plex) =>
  plex.registerKey(token, deviceKey.publicJwk)
)

export const nonce: Effect.Effect<string, PlexAuth.KeysError, PlexAuth> = Effect.flatMap(PlexAuth, (plex) => plex.nonce)

export const exchangeJwt: Effect.Effect<AccessToken, PlexAuth.ExchangeJwtError, PlexAuth> = Effect.flatMap(
  PlexAuth,
  (plex) => plex.exchangeJwt(deviceJwt)
)

export const keys: Effect.Effect<ReadonlyArray<PlexKey>, PlexAuth.KeysError, PlexAuth> = Effect.flatMap(
  PlexAuth,
  (plex) => plex.keys
)

/** What a sign-in needs, by name. */
export const operations: ReadonlyArray<
  readonly [
    name: "createPin" | "getToken" | "account",
    call: Effect.Effect<unknown, PlexAuth.CreatePinError | PlexAuth.GetTokenError | PlexAuth.AccountError, PlexAuth>
  ]
> = [
  ["createPin", createPin],
  ["getToken", getToken],
  ["account", account]
]

/** What a device with a key needs besides, by name. */
export const keyOperations: ReadonlyArray<
  readonly [
    name: "registerKey" | "nonce" | "exchangeJwt" | "keys",
    call: Effect.Effect<unknown, PlexAuth.RegisterKeyError | PlexAuth.ExchangeJwtError | PlexAuth.KeysError, PlexAuth>
  ]
> = [
  ["registerKey", registerKey],
  ["nonce", nonce],
  ["exchangeJwt", exchangeJwt],
  ["keys", keys]
]

/** The error that an effect failed with; a success, a defect or an interruption fails the test. */
export const errorOf = <A, E>(exit: Exit.Exit<A, E>): Effect.Effect<E> =>
  Exit.match(exit, {
    onSuccess: () => Effect.dieMessage("expected a failure, got a success"),
    onFailure: (cause) => Effect.flip(Effect.failCause(cause))
  })

export const valueOf = <A, E>(exit: Exit.Exit<A, E>): Effect.Effect<A> => Effect.orDie(exit)

export const header = (request: { readonly headers: ReadonlyArray<readonly [string, string]> }, name: string) =>
  request.headers.filter(([key]) => key === name).map(([, value]) => value)

/** An element that must be there. */
export const at = <A>(items: ReadonlyArray<A>, index: number): A =>
  Option.getOrThrowWith(
    Option.fromNullable(items.at(index)),
    () => new Error(`there are ${items.length}, and none at ${index}`)
  )

/** The longest pause of the default schedule while nothing is wrong, in milliseconds: a second and a fifth. */
export const unhurried = 1200
