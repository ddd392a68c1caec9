/** What the commands run on: plex.tv and a file of the user's, or a simulated plex.tv and nothing that stays. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import { AuthApp, CredentialStore, PlexAuthPolicy, PlexClientInfo, PlexSession, SignIn } from "@plex-auth/core"
import type { InvalidRequest, Pin, PlexAuth } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Config, Context, Effect, Layer, Redacted, Schedule } from "effect"
import type { Scope } from "effect"
import { hostname } from "node:os"
import { join } from "node:path"
import type { Failed } from "../command.js"
import { listening } from "../listening.js"

/** Where the user claims a PIN, and who does it. */
export class Claimant extends Context.Tag("examples/cli/Claimant")<
  Claimant,
  {
    readonly page: (pin: Pin) => Effect.Effect<string>
    /** Has the PIN claimed after a while, where that is not left to the person. */
    readonly claims: (pin: Pin) => Effect.Effect<void, never, Scope.Scope>
  }
>() {}

export interface Setting {
  readonly product: string
  readonly simulate: boolean
}

export type Services = Layer.Layer<
  PlexAuth | PlexClientInfo | PlexSession | CredentialStore | Claimant,
  InvalidRequest | CredentialStore.Error | Failed
>

const pageOf = (client: PlexClientInfo.Service) => (pin: Pin) =>
  pin._tag === "LinkPin" ? AuthApp.linkUrl(pin) : AuthApp.url(pin, client)

/** The folder where this user's programs keep such things. */
const configFolder = Config.string("XDG_CONFIG_HOME").pipe(
  Config.orElse(() => Config.string("APPDATA")),
  Config.orElse(() => Config.map(Config.string("HOME"), (home) => join(home, ".config"))),
  Config.withDefault(".")
)

const storePath = Config.string("PLEX_AUTH_STORE").pipe(
  Config.orElse(() => Config.map(configFolder, (folder) => join(folder, "plex-auth", "credentials.json")))
)

const ClientInfo = (product: string) =>
  CredentialStore.layerClientInfo({ product, platform: process.platform, deviceName: hostname() })

const live = (product: string) =>
  Layer.effect(
    Claimant,
    Effect.map(PlexClientInfo, (client) => ({
      page: (pin) => Effect.succeed(pageOf(client)(pin)),
      claims: () => Effect.void
    }))
  ).pipe(
    Layer.merge(PlexSession.layer()),
    Layer.provideMerge(PlexAuthHttp.layerFetch({ baseUrl: process.env["PLEX_BASE_URL"] })),
    Layer.provideMerge(ClientInfo(product)),
    Layer.provideMerge(Layer.unwrapEffect(Effect.map(Effect.orDie(storePath), CredentialStore.layerFile))),
    Layer.provide(NodeContext.layer)
  )

/** A plex.tv over real HTTP on this machine, whose user claims a PIN after two seconds. */
const simulated = (product: string) =>
  Layer.effect(
    Claimant,
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const client = yield* PlexClientInfo
      const { origin } = new URL(simulator.baseUrl)
      return {
        page: (pin) => Effect.succeed(pageOf(client)(pin).replace(/^https:\/\/(app\.)?plex\.tv/, origin)),
        claims: (pin) =>
          simulator.claim(pin._tag === "LinkPin" ? pin.code : Redacted.value(pin.code), "alice").pipe(
            Effect.delay("2 seconds"),
            // Somebody was quicker, on the page.
            Effect.catchTag("UnknownCode", () => Effect.void),
            Effect.forkScoped,
            Effect.asVoid
          )
      }
    })
  ).pipe(
    Layer.merge(PlexSession.layer()),
    Layer.provideMerge(
      Layer.unwrapEffect(Effect.map(PlexTvSimulator, ({ baseUrl }) => PlexAuthHttp.layerFetch({ baseUrl })))
    ),
    Layer.provideMerge(ClientInfo(product)),
    Layer.provideMerge(PlexTvSimulator.layerServer),
    Layer.provide(listening({ host: "127.0.0.1", port: 0 })),
    Layer.provideMerge(CredentialStore.layerMemory)
  )

/** The services of a login, before which nobody is signed in. */
export const forLogin = ({ product, simulate }: Setting): Services => (simulate ? simulated(product) : live(product))

/** The services of the other commands. In the simulation Alice has signed in before. */
export const services = (simulate: boolean): Services =>
  simulate ? Layer.tap(simulated(product), (context) => Effect.provide(aliceSignsIn, context)) : live(product)

const product = "plex-auth"

const aliceSignsIn = Effect.gen(function* () {
  const simulator = yield* PlexTvSimulator
  yield* SignIn.run({ jwt: true, show: (pin) => simulator.claim(pin.code, "alice") })
}).pipe(PlexAuthPolicy.with({ poll: Schedule.spaced("50 millis") }), Effect.orDie)
