/**
 * The laws of `PlexAuth`, a sign-in, and what else hangs on the platform, with the packed packages on whichever runtime this
 * is run: `.ci/runtimes.mjs` does it. The clock is the real one.
 */
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { AccessToken, CredentialStore, PlexAuth, PlexClientInfo, PlexJwt, PlexSession, SignIn } from "@plex-auth/core"
import { PlexAuthHttp } from "@plex-auth/http"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { assert } from "chai"
import { Cause, Effect, Exit, Fiber, Layer, Option, Redacted, Ref, Schema } from "effect"
import { laws, World } from "../support/laws.js"

/** The API of a simulated plex.tv, and a server that redirects each request. */
export interface Servers {
  readonly plexTv: string
  readonly redirecting: string
}

export interface Verdict {
  readonly law: string
  /** Why it does not hold; empty if it does. */
  readonly problem: string
}

/** As a user does it, on a page that a browser does not let others read. */
const claimAt = (plexTv: string) => (code: string) =>
  Effect.promise(() =>
    fetch(new URL("/link", plexTv), {
      method: "POST",
      mode: "no-cors",
      body: new URLSearchParams({ code, username: "alice" })
    }).then((response) => response.text())
  )

const overFetch = (plexTv: string) =>
  Layer.unwrapEffect(
    Effect.map(Ref.make(0), (count) => {
      const counting = Layer.effect(
        HttpClient.HttpClient,
        Effect.map(
          HttpClient.HttpClient,
          HttpClient.tapRequest(() => Ref.update(count, (n) => n + 1))
        )
      )
      return PlexAuthHttp.layer({ baseUrl: plexTv }).pipe(
        Layer.provide(counting),
        Layer.provide(FetchHttpClient.layer),
        Layer.merge(Layer.succeed(World, { claim: claimAt(plexTv), outlast: Fiber.join, requests: Ref.get(count) }))
      )
    })
  )

const inFiber = Layer.effect(
  World,
  Effect.map(PlexTvSimulator, ({ claim, requests }) => ({
    claim: (code) => Effect.orDie(claim(code)),
    outlast: Fiber.join,
    requests: Effect.map(requests, ({ length }) => length)
  }))
).pipe(Layer.provideMerge(PlexAuthHttp.layer()), Layer.provide(PlexTvSimulator.layerHttpClient))

const signsIn = (plexTv: string) => {
  const Live = PlexSession.layer().pipe(
    Layer.provideMerge(PlexAuthHttp.layerFetch({ baseUrl: plexTv })),
    Layer.provideMerge(CredentialStore.layerClientInfo({ product: "Runtimes" })),
    Layer.provideMerge(CredentialStore.layerMemory)
  )
  return Effect.gen(function* () {
    const plex = yield* PlexAuth
    const session = yield* PlexSession
    const { account, token } = yield* SignIn.run({
      jwt: true,
      show: ({ code }) => Effect.asVoid(claimAt(plexTv)(code))
    })
    assert.strictEqual(account.displayName, "alice")
    assert.strictEqual(String(token), "<redacted>")
    assert.isTrue(Option.isSome(PlexJwt.claims(token)))
    assert.notStrictEqual(Redacted.value(yield* session.refresh()), Redacted.value(token))
    assert.strictEqual((yield* session.withToken(plex.account)).id, account.id)
  }).pipe(Effect.provide(Live), Effect.orDie)
}

const refusesRedirects = (redirecting: string) => {
  const Live = PlexAuthHttp.layerFetch({ baseUrl: redirecting }).pipe(
    Layer.provide(PlexClientInfo.layer({ clientIdentifier: "runtimes", product: "Runtimes" }))
  )
  return Effect.gen(function* () {
    const plex = yield* PlexAuth
    const error = yield* Effect.flip(plex.ping(Schema.decodeSync(AccessToken)("a-token-that-stays-here")))
    assert.strictEqual(error._tag, "InvalidResponse")
    const elsewhere = yield* Effect.promise(() => fetch(new URL("/asked", redirecting)).then((told) => told.text()))
    assert.strictEqual(elsewhere, "0 requests went elsewhere")
  }).pipe(Effect.provide(Live), Effect.orDie)
}

const judge = (law: string, holds: Effect.Effect<void>): Effect.Effect<Verdict> =>
  Effect.map(Effect.exit(Effect.timeout(holds, "20 seconds")), (exit) => ({
    law,
    problem: Exit.isSuccess(exit) ? "" : Cause.pretty(exit.cause)
  }))

/** Each law with what came of it. It never rejects. */
export const verdicts = ({ plexTv, redirecting }: Servers): Promise<ReadonlyArray<Verdict>> =>
  Effect.runPromise(
    Effect.all([
      ...Object.entries({
        "over fetch": overFetch(plexTv),
        "over the simulator in the caller's fiber": inFiber
      }).flatMap(([name, world]) =>
        laws.map(({ clientIdentifier, holds, name: law }) => {
          const client = PlexClientInfo.layer({ clientIdentifier, product: "Laws" })
          return judge(`${name}: ${law}`, Effect.provide(holds, Layer.orDie(Layer.provide(world, client))))
        })
      ),
      judge("a sign-in with a device's key, a refresh, and a use of the token", signsIn(plexTv)),
      judge("threat 6: a redirect is refused, and nothing goes where it leads", refusesRedirects(redirecting))
    ])
  )
