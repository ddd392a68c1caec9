// Runs every example of the documentation: imports its module, and then runs each effect and builds each layer that it has a
// name for, with all services at hand, against a simulated plex.tv where each PIN is claimed at once. `.ci/docs.mjs` writes
// `examples.mjs` and starts this beside it.
import { FetchHttpClient, KeyValueStore } from "@effect/platform"
import { NodeContext, NodeHttpServer } from "@effect/platform-node"
import {
  Credentials,
  CredentialStore,
  PlexAuth,
  PlexAuthTest,
  PlexClientInfo,
  PlexSession,
  SignIn
} from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Cause, Effect, Either, Layer, ManagedRuntime, Option, Ref, Stream, TestContext } from "effect"
import { createServer } from "node:http"
import { examples } from "./examples.mjs"

/** Claims each PIN after a while: some examples do it themselves. */
const claimAll = Effect.gen(function* () {
  const simulator = yield* PlexTvSimulator
  const waiting = yield* simulator.waiting
  yield* Effect.sleep("300 millis")
  yield* Effect.forEach(waiting, ({ code }) => Effect.ignore(simulator.claim(code)))
})

/** Who does not say otherwise asks plex.tv: no example gets there. */
const simulateFetch = (baseUrl) => {
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    return fetch(
      url.hostname.endsWith("plex.tv") ? `${new URL(baseUrl).origin}${url.pathname}${url.search}` : input,
      init
    )
  }
}

/** Somebody is signed in, in a store of each example's own. */
const SignedIn = Layer.effectDiscard(
  Effect.gen(function* () {
    const store = yield* CredentialStore
    const plex = yield* PlexAuth
    const { clientIdentifier } = yield* PlexClientInfo
    const token = yield* Effect.flatMap(SignIn.start(), SignIn.wait)
    yield* store.save(new Credentials({ token, account: yield* plex.account(token), clientIdentifier }))
  })
)

const Simulator = Layer.scopedDiscard(Effect.forkScoped(Effect.forever(claimAll))).pipe(
  Layer.provideMerge(PlexTvSimulator.layerServer),
  Layer.provideMerge(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" }))
)

/** Every service that an example may ask for; no other example has the same ones. */
const Services = PlexSession.layer().pipe(
  Layer.provideMerge(SignedIn),
  Layer.provideMerge(Layer.unwrapEffect(Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layer({ baseUrl })))),
  Layer.provideMerge(CredentialStore.layerClientInfo({ product: "Documentation" })),
  Layer.provideMerge(CredentialStore.layerMemory),
  Layer.provideMerge(
    Layer.mergeAll(
      Simulator,
      FetchHttpClient.layer,
      NodeContext.layer,
      KeyValueStore.layerMemory,
      Layer.effect(PlexAuthTest.Recorder, Ref.make([]))
    )
  )
)

const drivesTestClock = (text) => /import [^"]*\bTestClock\b/.test(text) && !text.includes("provide(TestContext")

/** A name's value as something to run, if it is. */
const programOf = (value, usesTestClock) => {
  if (Layer.isLayer(value)) return Layer.build(value)
  // These are effects too.
  const isData = value instanceof Error || Option.isOption(value) || Either.isEither(value)
  if (isData || ManagedRuntime.isManagedRuntime(value)) return undefined
  if (Effect.isEffect(value)) return usesTestClock ? Effect.provide(value, TestContext.TestContext) : value
  if (typeof value === "object" && value !== null && Stream.StreamTypeId in value) return Stream.runDrain(value)
  return undefined
}

const program = Effect.gen(function* () {
  const simulator = yield* PlexTvSimulator
  simulateFetch(simulator.baseUrl)
  process.env["PLEX_BASE_URL"] = simulator.baseUrl
  process.env["PLEX_CLIENT_IDENTIFIER"] = "documentation"
  const results = yield* Effect.forEach(
    examples,
    ({ load, name, text }) =>
      Effect.gen(function* () {
        const values = yield* Effect.promise(load)
        let ran = 0
        for (const value of Object.values(values)) {
          const runnable = programOf(value, drivesTestClock(text))
          if (runnable === undefined) continue
          ran += 1
          yield* runnable.pipe(
            Effect.scoped,
            // The PINs that examples name are nobody's.
            Effect.catchIf(
              (error) => error?._tag === "PinNotFound",
              () => Effect.void
            ),
            Effect.provide(Services)
          )
        }
        return { ran, problems: [] }
      }).pipe(
        Effect.timeout("30 seconds"),
        Effect.catchAllCause((cause) => Effect.succeed({ ran: 0, problems: [`${name}: ${Cause.pretty(cause)}`] }))
      ),
    { concurrency: 40 }
  )
  const problems = results.flatMap((result) => result.problems)
  const ran = results.reduce((sum, result) => sum + result.ran, 0)
  if (problems.length > 0)
    return yield* Effect.sync(() => {
      console.error(problems.join("\n\n"))
      process.exit(1)
    })
  console.log(`${examples.length} examples run, ${ran} effects and layers of theirs among it.`)
}).pipe(Effect.provide(Simulator))

await Effect.runPromise(program)
process.exit(0)
