import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"
import { PlexAuthPolicy } from "../PlexAuthPolicy.js"
import { overridden } from "./overridden.js"

const policies = globalValue(
  "@plex-auth/core/internal/builtPolicy/policies",
  () => new WeakMap<object, Partial<PlexAuthPolicy.Service>>()
)

/** What holds for a flow over a service: what the service was built with, if by this library, and before it what is set. */
export const policyOver = (service: object): Effect.Effect<Partial<PlexAuthPolicy.Service>> =>
  Effect.map(PlexAuthPolicy, (set) => overridden(policies.get(service) ?? {}, set))

/** Keeps the policy of the context that a service is built in, for the flows over the service, wherever they run. */
export const rememberPolicy = <A extends object>(service: A, built: Context.Context<never>): A => {
  policies.set(service, Context.get(built, PlexAuthPolicy))
  return service
}
