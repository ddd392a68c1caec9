import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** A context as it is, with redirects refused: `fetch` would follow them and take the token along; with "error" they would look like a fault of the network. */
export const withoutRedirects = <R>(context: Context.Context<R>): Context.Context<FetchHttpClient.RequestInit | R> =>
  Context.add(context, FetchHttpClient.RequestInit, {
    ...Option.getOrUndefined(Context.getOption(context, FetchHttpClient.RequestInit)),
    redirect: "manual"
  })

export const refuseRedirects = <A, E, R>(exchange: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.mapInputContext(exchange, withoutRedirects<R>)
