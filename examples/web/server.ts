import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { AuthApp, DeviceKey, PlexAuth, PlexAuthError, PlexClientInfo, PlexJwt, SignIn } from "@plex-auth/core"
import type { AccessToken } from "@plex-auth/core"
import { Context, Duration, Effect, Layer, Option, Redacted, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { current, withCookie, withoutCookie } from "./cookie.js"
import type { Current } from "./cookie.js"
import type { Html } from "./html.js"
import * as pages from "./pages.js"
import type { Page } from "./pages.js"
import { rateLimit } from "./rate-limit.js"
import type { TooMany } from "./rate-limit.js"
import { asSecret, Forwarding, isSameSecret, Linking, randomSecret, Sessions, SignedIn } from "./sessions.js"
import type { Secret, Session, StoreUnavailable } from "./sessions.js"
import { Site } from "./site.js"

type Response = HttpServerResponse.HttpServerResponse

const show = (page: Page, headers: Readonly<Record<string, string>> = {}): Response =>
  HttpServerResponse.text(pages.document(page), {
    status: page.status,
    contentType: "text/html; charset=utf-8",
    headers
  })

const seeOther = (location: string): Response => HttpServerResponse.redirect(location, { status: 303 })

const retryAfterHeader = (retryAfter: Duration.Duration) => ({
  "retry-after": String(Math.ceil(Duration.toSeconds(retryAfter)))
})

// ---- When plex.tv does not do what it is asked for

const isPlexAuthError = Schema.is(PlexAuthError)

const reasonOf = (error: PlexAuthError): string => {
  switch (error._tag) {
    case "RateLimited":
      return "Plex is getting too many requests. Try again in a minute."
    case "PlexUnavailable":
    case "InvalidResponse":
      return "Plex can’t be reached right now. Try again in a moment."
    default:
      return "Plex did not let this site sign you in. If that does not change, tell whoever runs the site."
  }
}

/** A page for the visitor, and for whoever runs the site a line in the log, which has no secret in it. */
const plexTrouble =
  (retry?: Html) =>
  <A, E, R>(handler: Effect.Effect<A, E, R>) =>
    Effect.catchIf(handler, isPlexAuthError, (error) => {
      const retryAfter = "retryAfter" in error ? error.retryAfter : undefined
      return Effect.as(
        Effect.logWarning(error.message),
        show(pages.trouble(reasonOf(error), retry), retryAfter === undefined ? {} : retryAfterHeader(retryAfter))
      )
    })

// ---- Starting a sign-in

class Limits extends Context.Tag("examples/web/Limits")<Limits, Effect.Effect.Success<typeof makeLimits>>() {}

const makeLimits = Effect.all({
  startsOfVisitor: rateLimit({ times: 5, window: "1 minute" }),
  startsOfAddress: rateLimit({ times: 20, window: "1 minute" }),
  looksOfVisitor: rateLimit({ times: 30, window: "1 minute" })
})

/** Who may start a sign-in now, and what each sign-in has. */
const admitted = (before: Option.Option<Current>) =>
  Effect.gen(function* () {
    const limits = yield* Limits
    // Behind a proxy this is the proxy's address, unless HttpMiddleware.xForwardedHeaders is put around the app; do so
    // only where the proxy overwrites that header, since anybody can send one.
    const { remoteAddress } = yield* HttpServerRequest.HttpServerRequest
    const visitor =
      Option.isSome(before) && before.value.session._tag !== "SignedIn" ? before.value.session.visitor : randomUUID()
    yield* limits.startsOfVisitor(visitor)
    yield* limits.startsOfAddress(Option.getOrElse(remoteAddress, () => "unknown"))
    return { visitor, nextId: yield* randomSecret }
  })

/**
 * Each sign-in is a device of its own to Plex, with a key. With one identifier for all of them, signing in on a second
 * browser would end the token of the first; and since PINs are numbered and that identifier is in the address of the auth
 * app, anybody could read the tokens of others. With the key nobody can who does not have it.
 */
const ownDevice = Effect.map(DeviceKey.generate, (deviceKey) => ({
  deviceKey,
  request: { xPlexClientIdentifier: randomUUID(), jwk: deviceKey.publicJwk }
}))

/** A new session under a new id, so that nobody can know the id from before. */
const begin = (before: Option.Option<Current>, session: Session, location: string) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    const id = yield* randomSecret
    yield* sessions.set(id, session)
    if (Option.isSome(before)) yield* sessions.remove(before.value.id)
    return yield* withCookie(id, seeOther(location))
  })

const isSignedIn = (before: Option.Option<Current>) =>
  Option.exists(before, ({ session }) => session._tag === "SignedIn")

/** Sends the browser to the auth app. */
const startForwarding = Effect.gen(function* () {
  const before = yield* current
  if (isSignedIn(before)) return seeOther("/")
  const site = yield* Site
  const signIn = yield* admitted(before)
  const state = yield* randomSecret
  const forwardUrl = yield* AuthApp.forwardUrl(new URL(callbackOf(state), site.publicUrl))
  const { deviceKey, request } = yield* ownDevice
  const pin = yield* SignIn.start({ strong: true, ...request })
  const url = AuthApp.url(pin, yield* PlexClientInfo, { forwardUrl })
  return yield* begin(before, new Forwarding({ ...signIn, deviceKey, pin, state }), site.authUrl(url))
}).pipe(plexTrouble(pages.retryButton("/sign-in")))

/** Shows a code to be entered elsewhere. */
const startLinking = Effect.gen(function* () {
  const before = yield* current
  if (isSignedIn(before)) return seeOther("/")
  const signIn = yield* admitted(before)
  const { deviceKey, request } = yield* ownDevice
  const pin = yield* SignIn.start(request)
  return yield* begin(before, new Linking({ ...signIn, deviceKey, pin }), "/")
}).pipe(plexTrouble(pages.retryButton("/link")))

// ---- Ending it

/**
 * The user is signed in, under an id that no browser knew before.
 *
 * A `KeyValueStore` can't take an entry out in one step, so two requests with the same cookie and the same state may both
 * get here, on two instances. It does no harm: what they write is the same session, under the same id, since that id was
 * chosen when the sign-in began; and both answer with it. Once the first one has removed the entry, no other gets in.
 */
const finish = (id: Secret, session: Forwarding | Linking, token: AccessToken) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    if (Option.isSome(yield* sessions.get(id))) {
      yield* sessions.set(session.nextId, new SignedIn({ token, name: Option.none() }))
      yield* sessions.remove(id)
    } else if (Option.isNone(yield* sessions.get(session.nextId))) {
      return show(pages.refused)
    }
    return yield* withCookie(session.nextId, seeOther("/"))
  }).pipe(Effect.uninterruptible)

/** The token of a sign-in, once it is certain that plex.tv issued it for the sign-in's own key. */
const tokenOf = ({ deviceKey, pin }: Forwarding | Linking, within: Duration.DurationInput) =>
  Effect.tap(SignIn.complete(pin, { within, deviceKey }), (token) =>
    PlexJwt.verify(token, { thumbprint: deviceKey.kid, clientIdentifier: pin.clientIdentifier })
  )

/** The sign-in came to nothing. */
const end = (id: Secret, page: Page) =>
  Effect.gen(function* () {
    const sessions = yield* Sessions
    yield* sessions.remove(id)
    return yield* withoutCookie(show(page))
  })

const callbackOf = (state: Secret) => `/callback?state=${Redacted.value(state)}`

/**
 * The browser comes back. It is let in with the state of the sign-in that its own cookie leads to, and with nothing else;
 * the state is used up as soon as plex.tv has said what became of the PIN.
 */
const callback = Effect.gen(function* () {
  const { state } = yield* HttpServerRequest.ParsedSearchParams
  const given = asSecret(typeof state === "string" ? state : undefined)
  const found = yield* current
  if (Option.isNone(given) || Option.isNone(found)) return show(pages.refused)
  const { id, session } = found.value
  if (session._tag !== "Forwarding" || !isSameSecret(session.state, given.value)) return show(pages.refused)

  return yield* tokenOf(session, "5 seconds").pipe(
    Effect.flatMap((token) => finish(id, session, token)),
    Effect.catchTags({
      PinNotClaimed: ({ lastTrouble }) =>
        lastTrouble === undefined ? end(id, pages.notClaimed) : Effect.fail(lastTrouble),
      PinExpired: () => end(id, pages.expired("/sign-in")),
      PinNotFound: () => end(id, pages.expired("/sign-in"))
    }),
    plexTrouble(pages.retryLink(callbackOf(session.state)))
  )
})

/** Looks whether the code was entered, for some time. */
const look = <E, R>(
  { id, session }: Current,
  within: Duration.DurationInput,
  outcomes: {
    readonly waiting: (session: Linking) => Effect.Effect<Response, E, R>
    readonly expired: Effect.Effect<Response, E, R>
  }
) =>
  Effect.gen(function* () {
    if (session._tag !== "Linking") return seeOther("/")
    const limits = yield* Limits
    yield* limits.looksOfVisitor(session.visitor)
    return yield* tokenOf(session, within).pipe(
      Effect.flatMap((token) => finish(id, session, token)),
      Effect.catchTags({
        PinNotClaimed: ({ lastTrouble }) =>
          lastTrouble === undefined ? outcomes.waiting(session) : Effect.fail(lastTrouble),
        PinExpired: () => outcomes.expired,
        PinNotFound: () => outcomes.expired
      })
    )
  })

/** The page with the code looks for itself, where it has no script. */
const lookOnce = Effect.gen(function* () {
  const found = yield* current
  if (Option.isNone(found)) return seeOther("/")
  return yield* look<StoreUnavailable, Sessions | Site>(found.value, 0, {
    waiting: linkingPage,
    expired: end(found.value.id, pages.expired("/link"))
  })
}).pipe(plexTrouble(pages.retryLink("/look")))

/** The script asks here: 204 is not yet; with anything but trouble there is something new to see at /look. */
const wait = Effect.gen(function* () {
  const found = yield* current
  const news = HttpServerResponse.empty({ status: 200 })
  if (Option.isNone(found)) return news
  const answer = yield* look(found.value, "20 seconds", {
    waiting: () => Effect.succeed(HttpServerResponse.empty()),
    expired: Effect.succeed(news)
  })
  // A redirect would be followed by the script; the cookie is what it is to take from the answer.
  return HttpServerResponse.setStatus(answer, answer.status === 303 ? 200 : answer.status)
}).pipe(plexTrouble())

/** Ends the session here, and then the token at plex.tv. */
const signOut = Effect.gen(function* () {
  const found = yield* current
  if (Option.isSome(found)) {
    const { id, session } = found.value
    const plex = yield* PlexAuth
    const sessions = yield* Sessions
    yield* sessions.remove(id)
    if (session._tag === "SignedIn") {
      yield* Effect.catchAll(plex.signOut(session.token), (error) => Effect.logWarning(error.message))
    }
  }
  return yield* withoutCookie(seeOther("/"))
})

// ---- The first page

const linkingPage = (session: Linking) =>
  Effect.gen(function* () {
    const { linkUrl } = yield* Site
    return show(pages.linking(session.pin, linkUrl(session.pin), yield* SignIn.timeLeft(session.pin)))
  })

/** Greets the user; plex.tv is asked for the name once. */
const greet = (id: Secret, session: SignedIn) =>
  Effect.gen(function* () {
    if (Option.isSome(session.name)) return show(pages.signedIn(session.name.value))
    const plex = yield* PlexAuth
    const sessions = yield* Sessions
    const name = (yield* plex.account(session.token)).displayName
    // The user may have signed out meanwhile, and is not to be signed in again.
    if (Option.isNone(yield* sessions.get(id))) return seeOther("/")
    yield* sessions.set(id, new SignedIn({ token: session.token, name: Option.some(name) }))
    return show(pages.signedIn(name))
  }).pipe(
    Effect.catchIf(
      (error) => error._tag === "Unauthorized" || error._tag === "TokenExpired",
      () => end(id, pages.signedOut("Plex has ended your sign-in."))
    ),
    Effect.catchIf(isPlexAuthError, (error) =>
      Effect.as(Effect.logWarning(error.message), show(pages.signedInWithoutName))
    )
  )

const firstPage = Effect.gen(function* () {
  const found = yield* current
  if (Option.isNone(found)) return show(pages.signedOut())
  const { id, session } = found.value
  if (session._tag === "SignedIn") return yield* greet(id, session)
  const left = yield* SignIn.timeLeft(session.pin)
  if (session._tag === "Linking") {
    return Duration.toMillis(left) > 0 ? yield* linkingPage(session) : show(pages.expired("/link"))
  }
  return show(Duration.toMillis(left) > 0 ? pages.forwarding(left) : pages.expired("/sign-in"))
})

// ---- All together

const file = (name: string, contentType: string) =>
  HttpServerResponse.text(readFileSync(new URL(name, import.meta.url), "utf8"), { contentType })

const routes = HttpRouter.empty.pipe(
  HttpRouter.get("/", firstPage),
  HttpRouter.post("/sign-in", startForwarding),
  HttpRouter.get("/callback", callback),
  HttpRouter.post("/link", startLinking),
  HttpRouter.get("/look", lookOnce),
  HttpRouter.post("/wait", wait),
  HttpRouter.post("/sign-out", signOut),
  HttpRouter.get("/style.css", file("style.css", "text/css; charset=utf-8")),
  HttpRouter.get("/page.js", file("page.js", "text/javascript; charset=utf-8")),
  Effect.catchTags({
    RouteNotFound: () => Effect.succeed(show(pages.notFound)),
    TooMany: ({ retryAfter }: TooMany) => Effect.succeed(show(pages.tooMany(retryAfter), retryAfterHeader(retryAfter))),
    StoreUnavailable: () =>
      Effect.succeed(show(pages.trouble("This site has trouble of its own. Try again in a moment.")))
  })
)

/**
 * What changes something comes from a page of this site: browsers send `Origin` with each POST. That page is found at the
 * configured address, whatever `Host` says.
 */
const guarded = Effect.gen(function* () {
  const { authUrl, publicUrl } = yield* Site
  const { headers, method } = yield* HttpServerRequest.HttpServerRequest
  const { origin, protocol } = new URL(publicUrl)
  const isAllowed = method === "GET" || method === "HEAD" || headers["origin"] === origin
  const response = isAllowed ? yield* routes : show(pages.otherOrigin(publicUrl))
  const authOrigin = new URL(authUrl("https://app.plex.tv/auth")).origin
  return HttpServerResponse.setHeaders(response, {
    "cache-control": "no-store",
    // A form's redirect counts as its action, and one leads to the auth app.
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
      `form-action 'self' ${authOrigin}; base-uri 'none'; frame-ancestors 'none'`,
    "cross-origin-opener-policy": "same-origin",
    // The address of the callback has the state in it. Without any referrer, browsers would hide `Origin` as well.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    ...(protocol === "https:" ? { "strict-transport-security": "max-age=31536000" } : {})
  })
})

/** The site, on the server that is provided. */
export const server = HttpServer.serve(guarded).pipe(
  // The span of a request has its whole URL in it.
  HttpMiddleware.withTracerDisabledWhen(() => true),
  Layer.provide(Layer.effect(Limits, makeLimits))
)
