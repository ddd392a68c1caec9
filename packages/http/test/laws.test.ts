/** The laws of `PlexAuth` for the one for tests, and for the one over HTTP, in the caller's fiber and behind a socket. */
import { NodeHttpClient, NodeHttpServer } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import {
  AccessToken,
  DeviceJwtRejected,
  DeviceKeyTaken,
  HomePinRejected,
  PinNotFound,
  PlexAuthTest,
  PlexClientInfo,
  Unauthorized
} from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Fiber, Layer, Option, Schema, TestClock } from "effect"
import { createServer } from "node:http"
import { deviceKey } from "./support/testBench.js"
import { laws, World } from "./support/laws.js"

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

const outlast = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) =>
  Effect.gen(function* () {
    while (Option.isNone(yield* Fiber.poll(fiber))) {
      yield* Effect.repeatN(turn, 20)
      yield* TestClock.adjust("1 second")
    }
    return yield* Fiber.join(fiber)
  })

const fixed = Layer.effect(
  World,
  Effect.map(Effect.context<PlexAuthTest.Recorder>(), (context) => ({
    claim: () => Effect.void,
    outlast,
    requests: PlexAuthTest.requests.pipe(
      Effect.map(({ length }) => length),
      Effect.provide(context)
    )
  }))
).pipe(
  Layer.provideMerge(
    PlexAuthTest.layerScript({
      createPin: [PlexAuthTest.linkPin(), PlexAuthTest.linkPin()],
      getToken: [
        PlexAuthTest.pending(),
        PlexAuthTest.claimed("a-token-of-alice"),
        new PinNotFound({ operation: "PlexAuth.getToken", status: 404, code: 1020, reasons: ["unknown"] }),
        PlexAuthTest.claimed("another-token-of-alice")
      ],
      account: [PlexAuthTest.account(), new Unauthorized({ operation: "PlexAuth.account", status: 401, code: 1001 })],
      ping: [Effect.void],
      signOut: [Effect.void],
      linkPin: [
        Effect.void,
        new PinNotFound({ operation: "PlexAuth.linkPin", status: 404, code: 1020, reasons: ["unknown"] })
      ],
      resources: [[PlexAuthTest.server()]],
      homeUsers: [[PlexAuthTest.homeUser()]],
      switchUser: [
        new HomePinRejected({ operation: "PlexAuth.switchUser", status: 403, code: 1041 }),
        PlexAuthTest.switched("the-token-of-the-kid")
      ]
    })
  )
)

const notSigned = (operation: string) => new DeviceJwtRejected({ operation, status: 422, code: 1008 })

const { crv, kid, kty, x } = deviceKey

const fixedDevice = Layer.succeed(World, { claim: () => Effect.void, outlast, requests: Effect.succeed(0) }).pipe(
  Layer.provideMerge(
    PlexAuthTest.layerScript({
      createPin: [
        PlexAuthTest.linkPin(),
        new DeviceKeyTaken({ operation: "PlexAuth.createPin", status: 422, code: 1998 })
      ],
      getToken: [
        notSigned("PlexAuth.getToken"),
        PlexAuthTest.pending(),
        notSigned("PlexAuth.getToken"),
        PlexAuthTest.claimed("a-token-for-the-key")
      ],
      account: [PlexAuthTest.account(), PlexAuthTest.account()],
      registerKey: [Effect.void],
      nonce: ["a-word", "another-word"],
      exchangeJwt: [
        Schema.decodeSync(AccessToken)("another-token-for-the-key"),
        notSigned("PlexAuth.exchangeJwt"),
        notSigned("PlexAuth.exchangeJwt")
      ],
      keys: [[{ kty, crv, x, kid }]]
    })
  )
)

const simulated = Layer.effect(
  World,
  Effect.map(PlexTvSimulator, ({ claim, requests }) => ({
    claim: (code) => Effect.orDie(claim(code)),
    outlast,
    requests: Effect.map(requests, ({ length }) => length)
  }))
)

const inFiber = simulated.pipe(
  Layer.provideMerge(PlexAuthHttp.layer()),
  Layer.provide(PlexTvSimulator.layerHttpClient),
  Layer.orDie
)

const overSocket = simulated.pipe(
  Layer.provideMerge(Layer.unwrapEffect(Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layer({ baseUrl })))),
  Layer.provide(PlexTvSimulator.layerServer),
  Layer.provide(NodeHttpServer.layer(() => createServer(), { port: 0, host: "127.0.0.1" })),
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.orDie
)

const worlds = {
  "fixed answers": { user: fixed, device: fixedDevice },
  "simulator in the caller's fiber": { user: inFiber, device: inFiber },
  "simulator behind a socket": { user: overSocket, device: overSocket }
}

for (const [name, world] of Object.entries(worlds)) {
  describe(`PlexAuth over ${name}`, () => {
    for (const { clientIdentifier, holds, name: law, needs } of laws) {
      const client = PlexClientInfo.layer({ clientIdentifier, product: "Laws" }).pipe(Layer.orDie)
      it.effect(law, () => Effect.provide(holds, Layer.provide(world[needs], client)))
    }
  })
}
