import * as Context from "effect/Context"
import { PlexAuthPolicy } from "../PlexAuthPolicy.js"

/** A policy that a layer was built with holds for the program above it too: the wait for a claim reads it there. */
export const withPolicy = <Services>(
  services: Context.Context<Services>,
  built: Context.Context<never>
): Context.Context<Services> =>
  built.unsafeMap.has(PlexAuthPolicy.key)
    ? Context.merge(services, Context.make(PlexAuthPolicy, Context.get(built, PlexAuthPolicy)))
    : services
