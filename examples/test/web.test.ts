/** The web page, over real sockets, with a browser that has no screen. What a real one makes of it is in `browser/`. */
import { FileSystem, KeyValueStore } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { SystemError } from "@effect/platform/Error"
import { assert, describe, it } from "@effect/vitest"
import { Fault, PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Fiber, Layer, Logger, Redacted, TestClock } from "effect"
import { addressOf, askedOf, instance, product, signInAtPlex, simulator, visitor } from "./support/site.js"

const Memory = KeyValueStore.layerMemory

/** A site with a store in memory. What it writes to its log is not for the eyes of whoever runs the tests. */
const Around = Layer.mergeAll(simulator, Memory, Logger.remove(Logger.defaultLogger))

const opened = (publicUrl?: string) => Effect.map(Layer.build(instance(publicUrl)), addressOf)

/** Sends a visitor to Plex. Gives the address of the auth app, and of the callback. */
const started = (someone: ReturnType<typeof visitor>) =>
  Effect.map(someone.post("/sign-in"), ({ location }) => ({
    authUrl: location,
    callback: askedOf(location)["forwardUrl"] ?? "",
    state: new URL(askedOf(location)["forwardUrl"] ?? "").searchParams.get("state") ?? ""
  }))

const signedIn = (someone: ReturnType<typeof visitor>, username = "alice") =>
  Effect.gen(function* () {
    const { authUrl } = yield* started(someone)
    const answer = yield* someone.get(yield* signInAtPlex(authUrl, username))
    assert.strictEqual(answer.status, 303)
  })

/** A turn for the sockets. */
const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

/** Lets the time of the test pass, in steps that leave the sockets a turn, until an answer is there. */
const inTime = <A>(asked: Effect.Effect<A>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(asked)
    while ((yield* Fiber.poll(fiber))._tag === "None") {
      yield* TestClock.adjust("100 millis")
      yield* turn
    }
    return yield* Fiber.join(fiber)
  })

const pinIds = Effect.flatMap(PlexTvSimulator, ({ requests }) =>
  Effect.map(requests, (all) => all.flatMap(({ path }) => /\/pins\/([0-9]+)/.exec(path)?.[1] ?? []))
)

const tokens = Effect.flatMap(PlexTvSimulator, ({ requests }) =>
  Effect.map(requests, (all) => all.flatMap(({ token }) => (token === undefined ? [] : [Redacted.value(token)])))
)

const asked = Effect.flatMap(PlexTvSimulator, ({ requests }) =>
  Effect.map(requests, (all) => all.map(({ method, path }) => `${method} ${path.replace(/[0-9]{5,}/, "{pinID}")}`))
)

describe("forwarding", () => {
  it.scopedLive("a user signs in at Plex, is greeted by name, and signs out", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      const alice = visitor(url)
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")

      const { authUrl, callback } = yield* started(alice)
      assert.strictEqual(askedOf(authUrl)["context[device][product]"], product)
      assert.isTrue(callback.startsWith(`${url}/callback?state=`))
      assert.strictEqual((yield* alice.get("/")).title, "Waiting for Plex")

      const back = yield* alice.get(yield* signInAtPlex(authUrl, "<b>alice</b>"))
      assert.strictEqual(back.status, 303)
      assert.strictEqual(back.location, "/")
      assert.strictEqual((yield* alice.get("/")).title, "Hello, &#60;b&#62;alice&#60;/b&#62;!")
      yield* alice.get("/")
      assert.deepStrictEqual(
        yield* asked,
        ["POST /api/v2/pins", "GET /api/v2/pins/{pinID}", "GET /api/v2/auth/keys", "GET /api/v2/user"],
        "the name is asked for once"
      )

      const cookie = alice.cookie()
      const out = yield* alice.post("/sign-out")
      assert.strictEqual(out.location, "/")
      assert.strictEqual((yield* asked).at(-1), "DELETE /api/v2/users/signout", "the token is over, too")
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")
      alice.useCookie(cookie)
      assert.strictEqual((yield* alice.get("/")).title, "Sign in", "the session is over on the server")
    }).pipe(Effect.provide(Around))
  )

  it.scoped("who signs out while plex.tv is asked for the name stays signed out", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      yield* signedIn(alice)
      const cookie = alice.cookie()
      yield* simulated.script(Fault.slow("1 millis"))
      const greeting = yield* Effect.fork(alice.get("/"))
      yield* Effect.repeat(Effect.zipRight(turn, asked), { until: (all) => all.includes("GET /api/v2/user") })
      yield* alice.post("/sign-out")
      assert.strictEqual((yield* inTime(Fiber.join(greeting))).location, "/")
      alice.useCookie(cookie)
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("two users at a time stay two users", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      const [alice, bob] = [visitor(url), visitor(url)]
      const [forAlice, forBob] = yield* Effect.all([started(alice), started(bob)])
      assert.notStrictEqual(askedOf(forAlice.authUrl)["clientID"], askedOf(forBob.authUrl)["clientID"])
      yield* alice.get(yield* signInAtPlex(forAlice.authUrl, "alice"))
      yield* bob.get(yield* signInAtPlex(forBob.authUrl, "bob"))
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
      assert.strictEqual((yield* bob.get("/")).title, "Hello, bob!")
    }).pipe(Effect.provide(Around))
  )

  it.scoped("who comes back without signing in is told so after a while, and the state is used up", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      const { authUrl } = yield* started(alice)
      const back = yield* signInAtPlex(authUrl, "alice", "cancel")
      const answer = yield* inTime(alice.get(back))
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.title, "You are not signed in")
      assert.strictEqual((yield* alice.get(back)).title, "This sign-in was refused")
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")
    }).pipe(Effect.provide(Around))
  )

  it.scoped("a token that appears a moment after the user is waited for", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      const { authUrl, callback } = yield* started(alice)
      const answer = yield* Effect.fork(inTime(alice.get(callback)))
      yield* Effect.yieldNow()
      yield* simulated.claim(askedOf(authUrl)["code"] ?? "", "alice")
      assert.strictEqual((yield* Fiber.join(answer)).status, 303)
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
    }).pipe(Effect.provide(Around))
  )

  it.scoped("a PIN that has expired: a page that offers another sign-in", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      const { callback } = yield* started(alice)
      yield* TestClock.adjust("31 minutes")
      assert.strictEqual((yield* alice.get("/")).title, "The sign-in has expired")
      assert.strictEqual((yield* inTime(alice.get(callback))).title, "The sign-in has expired")
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")
    }).pipe(Effect.provide(Around))
  )
})

describe("threat 1: nobody is signed in but the browser that started", () => {
  const isRefused = (answer: { readonly status: number; readonly title: string }) => {
    assert.strictEqual(answer.status, 400)
    assert.strictEqual(answer.title, "This sign-in was refused")
  }

  it.scopedLive("threat 1: the callback of an attacker's sign-in, opened by the victim", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      const [attacker, victim] = [visitor(url), visitor(url)]
      const { authUrl } = yield* started(attacker)
      const back = yield* signInAtPlex(authUrl, "mallory")
      isRefused(yield* victim.get(back))
      assert.strictEqual(victim.cookie(), "", "no session for it")

      const { callback } = yield* started(victim)
      isRefused(yield* victim.get(back))
      assert.strictEqual((yield* victim.get("/")).title, "Waiting for Plex", "the victim's own sign-in goes on")
      assert.notStrictEqual(callback, back)
      assert.notInclude((yield* asked).join(), "GET /api/v2/pins", "plex.tv is not even asked")
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 1: a state that is missing, empty, cut, foreign, or there twice", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      const { authUrl, state } = yield* started(alice)
      yield* signInAtPlex(authUrl)
      const other = state.replace(/^./, (first) => (first === "A" ? "B" : "A"))
      for (const query of [
        "",
        "?state=",
        `?state=${state.slice(1)}`,
        `?state=${other}`,
        `?state=${state}&state=${state}`,
        `?State=${state}`,
        `?state[]=${state}`
      ]) {
        isRefused(yield* alice.get(`/callback${query}`))
      }
      isRefused(yield* alice.get("/callback", { "x-state": state, referer: `/callback?state=${state}` }))
      assert.strictEqual((yield* alice.get(`/callback?state=${state}`)).status, 303)
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 1: the right state with no cookie, or with one that the server did not give out", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      const alice = visitor(url)
      const back = yield* signInAtPlex((yield* started(alice)).authUrl)
      const other = visitor(url)
      for (const cookie of ["", "plex-auth-web=", "plex-auth-web=../..", `plex-auth-web=${"A".repeat(43)}`, "a=b"]) {
        other.useCookie(cookie)
        isRefused(yield* other.get(back))
      }
      assert.strictEqual((yield* alice.get(back)).status, 303)
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 1: a replay, with the cookie from before and with the one from after", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      const { authUrl } = yield* started(alice)
      const before = alice.cookie()
      const back = yield* signInAtPlex(authUrl)
      assert.strictEqual((yield* alice.get(back)).status, 303)
      const after = alice.cookie()
      isRefused(yield* alice.get(back))
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!", "the session is not harmed by it")
      yield* alice.post("/sign-out")
      for (const cookie of [before, after, ""]) {
        alice.useCookie(cookie)
        isRefused(yield* alice.get(back))
      }
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 1: one state in two requests at a time makes one session", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      const url = yield* opened()
      const alice = visitor(url)
      const back = yield* signInAtPlex((yield* started(alice)).authUrl)
      const twins = Array.from({ length: 5 }, () => visitor(url))
      twins.forEach((twin) => twin.useCookie(alice.cookie()))
      const answers = yield* Effect.forEach(twins, (twin) => twin.get(back), { concurrency: "unbounded" })
      const sessions = twins.flatMap((twin, i) => (answers[i]?.status === 303 ? [twin.cookie()] : []))
      assert.isAbove(sessions.length, 0)
      assert.strictEqual(new Set(sessions).size, 1)
      assert.strictEqual(yield* store.size, 1)
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 1: a PIN's id, a code or a token in the query is not looked at", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const url = yield* opened()
      const attacker = visitor(url)
      const foreign = yield* started(attacker)
      yield* signInAtPlex(foreign.authUrl, "mallory")
      yield* attacker.get(foreign.callback)
      const [id = ""] = yield* pinIds

      const alice = visitor(url)
      const own = yield* started(alice)
      yield* signInAtPlex(own.authUrl, "alice")
      const query = `pinID=${id}&pin=${id}&id=${id}&code=${askedOf(foreign.authUrl)["code"] ?? ""}`
      isRefused(yield* alice.get(`/callback?${query}`))
      yield* alice.get(`${own.callback}&${query}&clientID=${askedOf(foreign.authUrl)["clientID"] ?? ""}`)
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
      assert.lengthOf(
        (yield* simulated.requests).filter(({ path }) => path.endsWith(id)),
        1,
        "the attacker's own look"
      )
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 1: fixation: an id that somebody else knows is never that of a signed-in session", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      const attacker = visitor(url)
      yield* attacker.post("/link")
      for (const planted of [attacker.cookie(), `plex-auth-web=${"A".repeat(43)}`]) {
        const victim = visitor(url)
        victim.useCookie(planted)
        const { authUrl } = yield* started(victim)
        const waiting = victim.cookie()
        assert.notStrictEqual(waiting, planted, "a new id when the sign-in begins")
        yield* victim.get(yield* signInAtPlex(authUrl))
        assert.notStrictEqual(victim.cookie(), waiting, "and another one when it is done")
        assert.strictEqual((yield* victim.get("/")).title, "Hello, alice!")
        for (const known of [planted, waiting]) {
          attacker.useCookie(known)
          assert.strictEqual((yield* attacker.get("/")).title, "Sign in")
        }
      }
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 1: what changes something is refused from another site", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      const alice = visitor(url)
      yield* signedIn(alice)
      const before = (yield* asked).length
      for (const path of ["/sign-in", "/link", "/wait", "/sign-out"]) {
        for (const headers of [
          {},
          { origin: "null" },
          { origin: "https://evil.example" },
          { origin: `${url}.evil.example` },
          { origin: "https://evil.example", host: "evil.example" }
        ]) {
          assert.strictEqual((yield* alice.post(path, headers)).status, 403)
        }
        assert.strictEqual((yield* alice.get(path)).status, path === "/look" ? 303 : 404)
      }
      assert.strictEqual((yield* asked).length, before)
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
    }).pipe(Effect.provide(Around))
  )
})

describe("threats 3 and 4: what leaves the server", () => {
  it.scopedLive("threats 3 and 4: no PIN id, no token, and the strong code for the auth app alone", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      const { authUrl } = yield* started(alice)
      yield* alice.get("/")
      yield* alice.get(yield* signInAtPlex(authUrl))
      yield* alice.get("/")
      yield* alice.post("/sign-out")
      yield* alice.post("/link")
      const page = yield* alice.get("/")
      yield* simulated.claim((yield* simulated.waiting)[0]?.code ?? "", "alice")
      yield* alice.post("/wait")
      yield* alice.get("/")

      const secrets = [...(yield* pinIds), ...(yield* tokens)]
      assert.isAtLeast(new Set(secrets).size, 4)
      for (const secret of secrets) assert.notInclude(alice.seen(), secret)
      const { clientID = "", code = "" } = askedOf(authUrl)
      assert.lengthOf(alice.seen().split(code), 2)
      assert.lengthOf(alice.seen().split(clientID), 2)
      assert.notInclude(page.body, 'http-equiv="refresh" content="5;url=http')
    }).pipe(Effect.provide(Around))
  )

  it.scoped("threat 4: the store has no id that a cookie has, and the log no secret", () => {
    const lines: Array<unknown> = []
    const kept = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ message }) => void lines.push(message))
    )
    return Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* files.makeTempDirectoryScoped()
      const simulated = yield* PlexTvSimulator
      const address = yield* opened().pipe(Effect.provide(KeyValueStore.layerFileSystem(folder)))
      const alice = visitor(address)
      yield* signedIn(alice)
      const [name = ""] = yield* files.readDirectory(folder)
      assert.match(name, /^session-[0-9a-f]{64}$/)
      const stored = yield* files.readFileString(`${folder}/${name}`)
      assert.notInclude(stored, alice.cookie().replace(/.*=/, ""))
      const [, token = "?"] = /"token":"([^"]+)"/.exec(stored) ?? []
      yield* simulated.script(Fault.status(500), Fault.status(500), Fault.status(500))
      assert.strictEqual((yield* inTime(alice.get("/"))).title, "Hello!")
      assert.isAbove(lines.length, 0)
      assert.notInclude(JSON.stringify(lines), token)

      // Another instance of the site goes on with what the first one has stored.
      const other = visitor(yield* opened().pipe(Effect.provide(KeyValueStore.layerFileSystem(folder))))
      other.useCookie(alice.cookie())
      assert.strictEqual((yield* other.get("/")).title, "Hello, alice!")
      yield* other.post("/sign-out")
      assert.deepStrictEqual(yield* files.readDirectory(folder), [])
    }).pipe(Effect.provide([simulator, NodeContext.layer, kept]))
  })

  it.scopedLive("each answer has the headers that keep a page to itself", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      const answers = [
        yield* alice.get("/"),
        yield* alice.get("/nowhere"),
        yield* alice.get("/callback"),
        yield* alice.get("/style.css"),
        yield* alice.post("/sign-in"),
        yield* alice.post("/sign-in", {})
      ]
      for (const { headers } of answers) {
        assert.strictEqual(headers.get("cache-control"), "no-store")
        assert.strictEqual(headers.get("referrer-policy"), "same-origin")
        assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
        const policy = headers.get("content-security-policy") ?? ""
        assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'$/)
        assert.notInclude(policy, "unsafe")
      }
      assert.notMatch(alice.seen(), /<script(?! src="\/page\.js")|\son[a-z]+=|<style|\sstyle=/)
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive(
    "behind https the cookie is bound to the host; on this machine it is plain, and never readable by scripts",
    () =>
      Effect.gen(function* () {
        const secure = visitor(yield* opened("https://example.com"), "https://example.com")
        const answer = yield* secure.post("/link")
        assert.match(
          answer.headers.get("set-cookie") ?? "",
          /^__Host-plex-auth-web=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/
        )
        assert.isNotNull(answer.headers.get("strict-transport-security"))
        assert.strictEqual((yield* secure.get("/")).title, "Enter the code")
        const plain = yield* visitor(yield* opened()).post("/link")
        assert.match(
          plain.headers.get("set-cookie") ?? "",
          /^plex-auth-web=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/
        )
      }).pipe(Effect.provide(Around))
  )
})

describe("threat 12: where a browser is sent", () => {
  it.scopedLive("threat 12: forwardUrl comes from the configuration, whatever the request says", () =>
    Effect.gen(function* () {
      const configured = "https://example.com"
      const address = yield* opened(configured)
      const evil = "https://evil.example"
      const alice = visitor(address, configured)
      const answer = yield* alice.post(`/sign-in?forwardUrl=${evil}&next=${evil}&redirect=${evil}`, {
        origin: configured,
        host: "evil.example",
        referer: evil,
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        forwarded: "host=evil.example"
      })
      assert.isTrue(askedOf(answer.location)["forwardUrl"]?.startsWith(`${configured}/callback?state=`))
      assert.notInclude(alice.seen(), "evil")
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("threat 12: no open redirect: after the sign-in there is one place to go", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      const alice = visitor(url)
      const { authUrl, callback } = yield* started(alice)
      yield* signInAtPlex(authUrl)
      const evil = encodeURIComponent("https://evil.example")
      const answer = yield* alice.get(`${callback}&forwardUrl=${evil}&next=${evil}&returnTo=//evil.example`)
      assert.strictEqual(answer.location, "/")
      assert.strictEqual((yield* alice.get("//evil.example")).status, 404)
      assert.strictEqual((yield* alice.get("/sign-in")).status, 404)
    }).pipe(Effect.provide(Around))
  )

  for (const publicUrl of [
    "javascript:alert(1)",
    "http://example.com",
    "https://user:password@example.com",
    "example.com",
    ""
  ]) {
    it.scopedLive(`threat 12: the site does not start as ${JSON.stringify(publicUrl)}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(opened(publicUrl))
        assert.include(String(error), "PUBLIC_URL must be")
      }).pipe(Effect.provide(Around))
    )
  }

  it.scopedLive("threat 12: the simulator's page sends nobody to such an address either, and claims nothing then", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const { authUrl } = yield* started(visitor(yield* opened()))
      const { clientID = "", code = "" } = askedOf(authUrl)
      for (const forwardUrl of [
        "javascript:alert(1)",
        "http://example.com/",
        "https://a:b@example.com/",
        "//x",
        "/x"
      ]) {
        const answer = yield* Effect.promise(() =>
          fetch(authUrl, {
            method: "POST",
            redirect: "manual",
            body: new URLSearchParams({ clientID, code, forwardUrl, username: "alice" })
          })
        )
        assert.strictEqual(answer.status, 400)
      }
      assert.lengthOf(yield* simulated.waiting, 1)
    }).pipe(Effect.provide(Around))
  )
})

describe("link PIN", () => {
  it.scopedLive("the page has the code and a QR code, and goes on when the code was entered", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      assert.strictEqual((yield* alice.post("/link")).location, "/")
      const code = (yield* simulated.waiting)[0]?.code ?? ""
      const page = yield* alice.get("/")
      assert.strictEqual(page.title, "Enter the code")
      assert.include(page.body, `<span aria-hidden="true">${code}</span>`)
      assert.include(page.body, "<svg")
      assert.include(page.body, `/link?pin=${code}"`)
      assert.match(page.body, /data-left="(900|899)"/)

      const before = alice.cookie()
      const waiting = yield* Effect.fork(alice.post("/wait"))
      yield* simulated.claim(code, "bob")
      assert.strictEqual((yield* Fiber.join(waiting)).status, 200)
      assert.notStrictEqual(alice.cookie(), before)
      assert.strictEqual((yield* alice.get("/look")).location, "/")
      assert.strictEqual((yield* alice.get("/")).title, "Hello, bob!")
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("without the script the page looks by itself", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      yield* alice.post("/link")
      assert.include((yield* alice.get("/")).body, `<noscript><meta http-equiv="refresh" content="5;url=/look"`)
      assert.strictEqual((yield* alice.get("/look")).title, "Enter the code")
      yield* simulated.claim((yield* simulated.waiting)[0]?.code ?? "", "bob")
      assert.strictEqual((yield* alice.get("/look")).status, 303)
      assert.strictEqual((yield* alice.get("/")).title, "Hello, bob!")
    }).pipe(Effect.provide(Around))
  )

  it.scoped("nobody enters it for a while: 204, and the script asks again", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      yield* alice.post("/link")
      assert.strictEqual((yield* inTime(alice.post("/wait"))).status, 204)
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("a code that plex.tv knows no more: a page that offers a new one, which works", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      yield* alice.post("/link")
      const code = (yield* simulated.waiting)[0]?.code ?? ""
      yield* simulated.expire(code)
      assert.strictEqual((yield* alice.post("/wait")).status, 200)
      const page = yield* alice.get("/look")
      assert.strictEqual(page.title, "The code has expired")
      assert.include(page.body, `action="/link"`)
      yield* alice.post("/link")
      assert.notInclude((yield* alice.get("/")).body, code)
      yield* simulated.claim((yield* simulated.waiting)[0]?.code ?? "", "bob")
      yield* alice.get("/look")
      assert.strictEqual((yield* alice.get("/")).title, "Hello, bob!")
    }).pipe(Effect.provide(Around))
  )

  it.scoped("a code whose time is over says so without asking plex.tv", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      yield* alice.post("/link")
      yield* TestClock.adjust("15 minutes")
      assert.strictEqual((yield* alice.get("/")).title, "The code has expired")
      assert.deepStrictEqual(yield* asked, ["POST /api/v2/pins"])
    }).pipe(Effect.provide(Around))
  )
})

describe("limits", () => {
  it.scoped("a visitor may start five times a minute, and is told when to come again", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      for (let i = 0; i < 5; i++) {
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* alice.post(i % 2 === 0 ? "/link" : "/sign-in")).status, 303)
      }
      const refused = yield* alice.post("/sign-in")
      assert.strictEqual(refused.status, 429)
      assert.strictEqual(refused.headers.get("retry-after"), "56")
      assert.strictEqual(refused.title, "Too many tries")
      assert.include(refused.body, "Please wait for 56 seconds")
      assert.lengthOf(yield* asked, 5)

      yield* TestClock.adjust("55 seconds")
      assert.strictEqual((yield* alice.post("/sign-in")).headers.get("retry-after"), "1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* alice.post("/sign-in")).status, 303)
      assert.strictEqual((yield* alice.post("/sign-in")).status, 429)
    }).pipe(Effect.provide(Around))
  )

  it.scoped("an address may start twenty times a minute, however many visitors it has", () =>
    Effect.gen(function* () {
      const url = yield* opened()
      for (let i = 0; i < 20; i++) assert.strictEqual((yield* visitor(url).post("/link")).status, 303)
      const spoofing = { origin: url, "x-forwarded-for": "203.0.113.7", forwarded: "for=203.0.113.7" }
      assert.strictEqual((yield* visitor(url).post("/link")).status, 429)
      assert.strictEqual((yield* visitor(url).post("/link", spoofing)).status, 429)
      assert.lengthOf(yield* asked, 20)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* visitor(url).post("/link")).status, 303)
    }).pipe(Effect.provide(Around))
  )

  it.scoped("a visitor may look thirty times a minute", () =>
    Effect.gen(function* () {
      const alice = visitor(yield* opened())
      yield* alice.post("/link")
      for (let i = 0; i < 30; i++) assert.strictEqual((yield* alice.get("/look")).status, 200)
      assert.strictEqual((yield* alice.get("/look")).status, 429)
      assert.strictEqual((yield* alice.post("/wait")).headers.get("retry-after"), "60")
      assert.lengthOf(yield* asked, 31)
    }).pipe(Effect.provide(Around))
  )

  it.scoped("a session ends after a week, and nothing is left of it in the store", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      const url = yield* opened()
      const [alice, bob] = [visitor(url), visitor(url)]
      yield* signedIn(alice)
      yield* bob.post("/link")
      yield* alice.get("/")
      assert.strictEqual(yield* store.size, 2)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* store.size, 1, "a sign-in that came to nothing goes first")
      yield* TestClock.adjust("6 days")
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
      yield* TestClock.adjust("1 day")
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")
      assert.strictEqual(yield* store.size, 0)
    }).pipe(Effect.provide(Around))
  )
})

describe("trouble", () => {
  it.scopedLive("plex.tv is not there, or busy, when the sign-in begins: a sentence, and a retry that works", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      yield* simulated.script(Fault.reset, Fault.status(429, { headers: { "retry-after": "30" } }), Fault.status(401))
      const down = yield* alice.post("/sign-in")
      assert.strictEqual(down.status, 503)
      assert.include(down.body, "Plex can’t be reached right now.")
      assert.include(down.body, `action="/sign-in"`)
      const busy = yield* alice.post("/link")
      assert.strictEqual(busy.status, 503)
      assert.strictEqual(busy.headers.get("retry-after"), "30")
      assert.include(busy.body, "too many requests")
      assert.include(busy.body, `action="/link"`)
      const refused = yield* alice.post("/link")
      assert.include(refused.body, "did not let this site sign you in")
      assert.strictEqual((yield* alice.post("/sign-in")).status, 303)
    }).pipe(Effect.provide(Around))
  )

  it.scoped("plex.tv is not there when the user comes back: the state is good for another try", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      const { authUrl, state } = yield* started(alice)
      const back = yield* signInAtPlex(authUrl)
      yield* simulated.script(Fault.status(429, { headers: { "retry-after": "60" } }))
      const busy = yield* alice.get(back)
      assert.strictEqual(busy.status, 503)
      assert.strictEqual(busy.headers.get("retry-after"), "60")
      yield* simulated.script(...Array.from({ length: 12 }, () => Fault.status(503)))
      const down = yield* inTime(alice.get(back))
      assert.strictEqual(down.status, 503)
      assert.include(down.body, `href="/callback?state=${state}"`)
      yield* simulated.script(Fault.none)
      yield* inTime(Effect.repeat(alice.get(back), { until: ({ status }) => status === 303, times: 5 }))
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("plex.tv takes the token back: the session is over", () =>
    Effect.gen(function* () {
      const simulated = yield* PlexTvSimulator
      const alice = visitor(yield* opened())
      yield* signedIn(alice)
      yield* simulated.script(Fault.status(401))
      const page = yield* alice.get("/")
      assert.strictEqual(page.title, "Sign in")
      assert.include(page.body, "Plex has ended your sign-in.")
      assert.strictEqual(alice.cookie(), "")
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("the store is not there: a sentence, and nobody is signed in or out", () =>
    Effect.gen(function* () {
      const down = new SystemError({ module: "KeyValueStore", method: "any", reason: "Unknown" })
      const Down = Layer.succeed(
        KeyValueStore.KeyValueStore,
        KeyValueStore.makeStringOnly({ get: () => down, set: () => down, remove: () => down, clear: down, size: down })
      )
      const alice = visitor(yield* opened().pipe(Effect.provide(Down)))
      assert.strictEqual((yield* alice.get("/")).title, "Sign in", "without a cookie there is nothing to look up")
      alice.useCookie(`plex-auth-web=${"A".repeat(43)}`)
      const answers = [yield* alice.get("/"), yield* alice.post("/link"), yield* alice.post("/sign-out")]
      for (const { body, status } of answers) {
        assert.strictEqual(status, 503)
        assert.include(body, "This site has trouble of its own.")
      }
    }).pipe(Effect.provide(Around))
  )

  it.scopedLive("an entry that makes no sense is none", () =>
    Effect.gen(function* () {
      const store = yield* KeyValueStore.KeyValueStore
      const nonsense = { ...store, get: () => Effect.asSome(Effect.succeed("{")) }
      const alice = visitor(yield* opened().pipe(Effect.provide(Layer.succeed(KeyValueStore.KeyValueStore, nonsense))))
      alice.useCookie(`plex-auth-web=${"A".repeat(43)}`)
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")
    }).pipe(Effect.provide(Around))
  )
})
