/**
 * Waits for as many PINs as it is told to, in one process. Nobody claims one in the first 15 seconds: after 5 of them the
 * memory is measured, and the CPU time from then on. The claims come at random moments in the rest of a minute.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Agent } from "@effect/platform-node/Undici"
import { LinkPin } from "@plex-auth/core/Pin"
import { PinId } from "@plex-auth/core/PinId"
import { PlexAuth } from "@plex-auth/core/PlexAuth"
import * as PlexAuthTest from "@plex-auth/core/PlexAuthTest"
import { PlexClientInfo } from "@plex-auth/core/PlexClientInfo"
import * as SignIn from "@plex-auth/core/SignIn"
import * as PlexAuthHttp from "@plex-auth/http/PlexAuthHttp"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { claimMoment, pinClaimedAt } from "./support/claimMoment.js"
import { quantile } from "./support/statistics.js"

const [, , server = "", number = "2000"] = process.argv
const count = Number(number)
const quiet = 15_000
const whole = 60_000

const memory = (): number => {
  globalThis.gc?.()
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
}

const pinAt = (index: number) =>
  Effect.map(PlexAuthTest.linkPin(), ({ clientIdentifier, code, expiresIn, receivedAt }) => {
    const claim = Date.now() + quiet + Math.random() * (whole - quiet)
    return new LinkPin({ id: PinId.make(pinClaimedAt(claim, index)), clientIdentifier, code, expiresIn, receivedAt })
  })

const noticed = (pin: LinkPin) =>
  SignIn.wait(pin).pipe(
    Effect.map(() => Date.now() - claimMoment(pin.id)),
    Effect.either
  )

const program = Effect.gen(function* () {
  // What the first request leaves behind (the connection, compiled code) is not a sign-in's.
  yield* Effect.flatMap(PlexAuth, (plex) => plex.getToken({ pinID: "1" }))
  const before = memory()
  const waits = yield* Effect.forEach(Array.from({ length: count }).keys(), (index) =>
    Effect.flatMap(pinAt(index), (pin) => Effect.fork(noticed(pin)))
  )
  yield* Effect.sleep(Duration.millis(5_000))
  const bytes = (memory() - before) / count
  const cpu = process.cpuUsage()
  const since = performance.now()
  yield* Effect.sleep(Duration.millis(quiet - 5_000))
  const used = process.cpuUsage(cpu)
  const cores = (used.user + used.system) / 1_000 / (performance.now() - since)

  const outcomes = yield* Effect.forEach(waits, Fiber.join)
  const millis = outcomes.flatMap((outcome) => (Either.isRight(outcome) ? [outcome.right] : []))
  return {
    noticed: millis.length,
    median: quantile(millis, 0.5),
    p99: quantile(millis, 0.99),
    kilobytes: bytes / 1_000,
    cores
  }
})

// Without a limit undici opens a connection for each look that is under way.
const FewConnections = Layer.scoped(
  NodeHttpClient.Dispatcher,
  Effect.acquireRelease(
    Effect.sync(() => new Agent({ connections: 128 })),
    (agent) => Effect.promise(() => agent.destroy())
  )
)

const PlexLive = PlexAuthHttp.layer({ baseUrl: server }).pipe(
  Layer.provide(NodeHttpClient.layerUndiciWithoutDispatcher),
  Layer.provide(FewConnections),
  Layer.provide(PlexClientInfo.layer({ clientIdentifier: "bench-client", product: "My Cool App" }))
)

const result = await Effect.runPromise(Effect.provide(program, PlexLive))
console.log(JSON.stringify(result))
process.exit(0)
