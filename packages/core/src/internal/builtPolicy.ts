import * as Context from "effect/Context"
import { globalValue } from "effect/GlobalValue"
import { PlexAuthPolicy } from "../PlexAuthPolicy.js"

const policies = globalValue(
  "@plex-auth/core/internal/builtPolicy/policies",
  () => new WeakMap<object, Partial<PlexAuthPolicy.Service>>()
)

/** The policy that a service was built with. A service that was not built by this library has none. */
export const builtPolicy = (service: object): Partial<PlexAuthPolicy.Service> => policies.get(service) ?? {}

/** Keeps the policy of the context that a service is built in, for the flows over the service, wherever they run. */
export const rememberPolicy = <A extends object>(service: A, built: Context.Context<never>): A => {
  policies.set(service, Context.get(built, PlexAuthPolicy))
  return service
}
