import type { PlexAuth } from "@plex-auth/core"
import { PlexAuth as Tag } from "@plex-auth/core/PlexAuth"
import { PlexClientInfo } from "@plex-auth/core/PlexClientInfo"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import type { Contender } from "./contend.js"

const clientInfo = PlexClientInfo.layer({ clientIdentifier: "bench-client", product: "My Cool App" })

/** The library, over the client that the layer brings. Without a tracer. */
export const plexAuth = <E>(layer: Layer.Layer<PlexAuth, E, PlexClientInfo>): Contender => {
  const runtime = ManagedRuntime.make(Layer.provide(layer, clientInfo))
  const look = Effect.flatMap(Tag, (plex) => plex.getToken({ pinID: "1272322473" })).pipe(
    Effect.filterOrDieMessage(({ authToken }) => Option.isSome(authToken), "no token")
  )
  return {
    once: () => runtime.runPromise(look),
    many: (atOnce, isOver) =>
      runtime.runPromise(
        Effect.all(
          Array.from({ length: atOnce }, () => Effect.repeat(look, { until: isOver })),
          { concurrency: "unbounded", discard: true }
        )
      )
  }
}
