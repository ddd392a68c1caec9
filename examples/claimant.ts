import { AuthApp, CredentialStore, PlexClientInfo } from "@plex-auth/core"
import type { InvalidRequest, LinkPin, PlexAuth } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Array as Arr, Context, Effect, identity, Layer } from "effect"
import type { Scope } from "effect"
import type { Failed } from "./command.js"
import { listening } from "./listening.js"
import { Screen } from "./screen.js"

/** Who claims the PIN, and where. */
export class Claimant extends Context.Tag("examples/Claimant")<Claimant, Claimant.Service>() {}

export declare namespace Claimant {
  export interface Service {
    readonly introduction: string
    readonly page: (pin: LinkPin) => string
    /** Has the PIN claimed after a while, where that is not left to the person. */
    readonly claims: (pin: LinkPin) => Effect.Effect<void, never, Scope.Scope>
    readonly epilogue: Effect.Effect<string>
  }
}

export const product = "plex-auth demo"

/** Who asks, and a store that the demo forgets when it ends. */
const Program = PlexClientInfo.layer({
  product,
  clientIdentifier: process.env["PLEX_CLIENT_IDENTIFIER"] ?? crypto.randomUUID()
}).pipe(Layer.merge(CredentialStore.layerMemory))

export type Services = PlexAuth | PlexClientInfo | CredentialStore | Claimant

/** plex.tv itself, and the person at the keyboard. */
export const live: Layer.Layer<Services, InvalidRequest> = Layer.succeed(Claimant, {
  introduction: "This is plex.tv, and the account is yours.",
  page: AuthApp.linkUrl,
  claims: () => Effect.void,
  epilogue: Effect.succeed(
    `The token is forgotten now. To end it too, remove "${product}" from the authorized devices of your account.`
  )
}).pipe(Layer.merge(PlexAuthHttp.layerFetch({ baseUrl: process.env["PLEX_BASE_URL"] })), Layer.provideMerge(Program))

/** A simulated plex.tv on this machine, over real HTTP, and a user who claims the PIN after some seconds. */
export const simulated = (options: {
  readonly port: number
  readonly claimAfter: number
}): Layer.Layer<Services, InvalidRequest | Failed, Screen> =>
  Layer.unwrapEffect(Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layerFetch({ baseUrl }))).pipe(
    Layer.provideMerge(Program),
    Layer.merge(Layer.effect(Claimant, simulatedUser(options.claimAfter))),
    Layer.provide(PlexTvSimulator.layerServer),
    Layer.provide(listening({ host: "127.0.0.1", port: options.port }))
  )

const simulatedUser = (claimAfter: number) =>
  Effect.gen(function* () {
    const simulator = yield* PlexTvSimulator
    const screen = yield* Screen
    const { origin } = new URL(simulator.baseUrl)
    return Claimant.of({
      introduction: `A simulated plex.tv runs on ${origin}: nothing leaves this machine.`,
      page: (pin) => `${origin}/link?pin=${pin.code}`,
      claims: (pin) =>
        simulator.claim(pin.code, "alice").pipe(
          Effect.zipRight(screen.print("  Alice, who is simulated, enters the code.")),
          Effect.delay(`${claimAfter} seconds`),
          // Somebody was quicker, on the page.
          Effect.catchTag("UnknownCode", () => Effect.void),
          Effect.forkScoped,
          Effect.asVoid
        ),
      epilogue: Effect.map(simulator.requests, (requests) => {
        const asked = requests.map(({ method, path }) => `${method} ${path.replace(/\/pins\/.*/, "/pins/{pinID}")}`)
        const counted = Object.entries(Arr.groupBy(asked, identity)).map(([request, { length }]) =>
          length === 1 ? request : `${length} x ${request}`
        )
        return `What went over HTTP: ${counted.join(", ")}.`
      })
    })
  })
