/** The command-line tool as a stranger runs it: processes, pipes, signals, a terminal, and a store in a file. */
import { assert, describe, it } from "@effect/vitest"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Layer } from "effect"
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { listening } from "../../listening.js"
import { freePort } from "../support/ports.js"
import { programs } from "../support/programs.js"
import type { Running } from "../support/programs.js"

const Simulator = PlexTvSimulator.layerServer.pipe(Layer.provide(listening({ host: "127.0.0.1", port: 0 })))

/** A home of its own for each test, and plex.tv on this machine. */
const place = Effect.gen(function* () {
  const simulator = yield* PlexTvSimulator
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "plex-auth-cli-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const store = join(folder, "plex-auth", "credentials.json")
  return { simulator, store, env: { XDG_CONFIG_HOME: folder, PLEX_BASE_URL: simulator.baseUrl } }
})

const assertSentence = ({ stderr, stdout }: Running) => {
  assert.match(stderr(), /^[^\n]{10,300}\.?\n+$/)
  assert.notInclude(stderr(), "    at ")
  assert.strictEqual(stdout(), "")
}

const token = /[A-Za-z0-9]{20}/

describe.concurrent("the command-line tool", { timeout: 30_000 }, () => {
  const { run } = programs("cli/main")
  const cli = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
    run("cli/main", { args, env })

  it.scopedLive("--help lists the commands and the exit codes; completions come from the library", () =>
    Effect.gen(function* () {
      const help = yield* cli(["--help"])
      const completions = yield* cli(["--completions", "bash"])
      assert.strictEqual(yield* help.end, 0)
      for (const command of [
        "login",
        "status",
        "whoami",
        "token",
        "refresh",
        "servers",
        "profiles",
        "switch",
        "link",
        "logout"
      ]) {
        assert.match(help.stdout(), new RegExp(`- ${command} `))
      }
      for (const code of ["0", "1", "2", "3", "4", "5", "6", "130"]) {
        assert.match(help.stdout(), new RegExp(`^ +${code} {2}\\S`, "m"))
      }
      assert.notInclude(help.stdout(), "\x1b", "a pipe has no colours")
      assert.strictEqual(yield* completions.end, 0)
      assert.include(completions.stdout(), "complete -F")
    })
  )

  it.scopedLive("wrong arguments: what is wrong, and exit code 2", () =>
    Effect.gen(function* () {
      for (const args of [["logn"], ["login", "--timeout", "0"], ["login", "--product", " ", "--simulate"]]) {
        const wrong = yield* cli(args)
        assert.strictEqual(yield* wrong.end, 2, args.join(" "))
        assertSentence(wrong)
      }
    })
  )

  it.scopedLive(
    "login --link shows a code, waits for the person, and greets; the token is stored, and shown to none",
    () =>
      Effect.gen(function* () {
        const { env, simulator, store } = yield* place
        const login = yield* cli(["login", "--link", "--product", "My Tool", "--json"], env)
        const [, code = ""] = yield* login.says(/and enter ([A-Z0-9]{4})\./)
        assert.strictEqual((yield* simulator.waiting)[0]?.product, "My Tool")
        yield* simulator.claim(code, "bob")
        assert.strictEqual(yield* login.end, 0)
        assert.include(login.stderr(), "My Tool wants to sign in to Plex")
        assert.notInclude(login.stderr(), "█", "nobody holds a camera to a pipe")
        assert.include(login.stderr(), "Signed in as bob.")
        const account: unknown = JSON.parse(login.stdout())
        assert.deepInclude(account, { name: "bob", username: "bob" })
        assert.notMatch(login.stdout() + login.stderr(), token)
        assert.strictEqual((statSync(store).mode & 0o777).toString(8), "600")

        const whoami = yield* cli(["whoami"], env)
        const shown = yield* cli(["token"], env)
        assert.strictEqual(yield* whoami.end, 0)
        assert.strictEqual(whoami.stdout(), "bob\n")
        assert.strictEqual(yield* shown.end, 0)
        assert.match(shown.stdout(), /^[A-Za-z0-9]{20}\n$/)
        assert.strictEqual(shown.stderr(), "")
      }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("login in the browser gives a page, and no code for plex.tv/link", () =>
    Effect.gen(function* () {
      const { env, simulator } = yield* place
      const login = yield* cli(["login", "--no-browser", "--no-qr"], env)
      const [, page = ""] = yield* login.says(/\n {2}(https:\/\/app\.plex\.tv\/auth#\S+)\n/)
      assert.notInclude(login.stderr(), "plex.tv/link")
      yield* simulator.claim(new URLSearchParams(new URL(page).hash.slice(2)).get("code") ?? "", "carol")
      assert.strictEqual(yield* login.end, 0)
      assert.include(login.stderr(), "Signed in as carol.")
      assert.strictEqual(login.stdout(), "")
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("case 33: Ctrl-C leaves a PIN that login --resume goes on with, and so does --timeout", () =>
    Effect.gen(function* () {
      const { env, simulator } = yield* place
      const first = yield* cli(["login", "--link"], env)
      const [, code = ""] = yield* first.says(/and enter ([A-Z0-9]{4})\./)
      yield* first.says(/Waiting for you/)
      yield* first.kill("SIGINT")
      assert.strictEqual(yield* first.end, 130)
      assert.include(first.stderr(), "login --link --resume goes on with this PIN")

      const second = yield* cli(["login", "--link", "--resume", "--timeout", "1"], env)
      assert.strictEqual(yield* second.end, 4)
      assert.include(second.stderr(), `and enter ${code}.`)
      assert.match(second.stderr(), /Nobody has claimed the PIN yet/)

      const third = yield* cli(["login", "--link", "--resume"], env)
      yield* third.says(/Waiting for you/)
      yield* simulator.claim(code, "dave")
      assert.strictEqual(yield* third.end, 0)
      assert.include(third.stderr(), "Signed in as dave.")
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("what the token is good for, from the servers to signing out", () =>
    Effect.gen(function* () {
      const { env, simulator, store } = yield* place
      const login = yield* cli(["login", "--link", "--no-qr"], env)
      const [, code = ""] = yield* login.says(/and enter ([A-Z0-9]{4})\./)
      yield* simulator.claim(code, "alice")
      assert.strictEqual(yield* login.end, 0)

      const done = (args: ReadonlyArray<string>, more: Readonly<Record<string, string>> = {}) =>
        Effect.gen(function* () {
          const command = yield* cli(args, { ...env, ...more })
          return { code: yield* command.end, out: command.stdout(), err: command.stderr() }
        })
      assert.match((yield* done(["servers"])).out, /^Simulated Server {2}http:\/\/127\.0\.0\.1:[0-9]+\n$/)
      assert.strictEqual((yield* done(["profiles"])).out, "* alice\n  alice-kid (PIN)\n")
      assert.deepStrictEqual(yield* done(["switch", "nobody"]), {
        code: 1,
        out: "",
        err: "The Plex Home has no user nobody. There are: alice, alice-kid.\n"
      })
      assert.strictEqual((yield* done(["switch", "Alice-Kid"], { PLEX_HOME_PIN: "0000" })).code, 1)
      assert.strictEqual(
        (yield* done(["switch", "Alice-Kid"], { PLEX_HOME_PIN: "1234" })).out,
        "Signed in as alice-kid.\n"
      )
      const unknown = yield* done(["link", "ZZZZ"])
      assert.strictEqual(unknown.code, 1)
      assert.include(unknown.err, "Check the code on the device that shows it")
      assert.strictEqual((yield* done(["logout"])).out, "alice-kid is signed out.\n")
      assert.strictEqual((yield* done(["logout"])).out, "alice is signed out.\n", "who was signed in before")
      assert.notInclude(readFileSync(store, "utf8"), `"token"`)
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("login --jwt gets a token for this device's key, which is refreshed, and ends", () =>
    Effect.gen(function* () {
      const { env, simulator, store } = yield* place
      const login = yield* cli(["login", "--link", "--jwt"], env)
      const [, code = ""] = yield* login.says(/and enter ([A-Z0-9]{4})\./)
      yield* simulator.claim(code, "erin")
      assert.strictEqual(yield* login.end, 0)

      const done = (...args: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          const command = yield* cli(args, env)
          assert.strictEqual(yield* command.end, 0, command.stderr())
          return command.stdout()
        })
      assert.match(yield* done("status"), /^erin: a token for this device's key, valid until .+\.\n$/)
      const first = yield* done("token")
      assert.match(first, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
      assert.match(yield* done("refresh"), /^Refreshed: valid until .+\.\n$/)
      const second = yield* done("token")
      assert.notStrictEqual(second, first)
      assert.strictEqual(yield* done("whoami"), "erin\n")
      const status: unknown = JSON.parse(yield* done("status", "--json"))
      assert.deepInclude(status, { kind: "jwt" })
      assert.notInclude(readFileSync(store, "utf8"), first.trim())
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("two logins over one store at once lose nothing", () =>
    Effect.gen(function* () {
      const { env, simulator, store } = yield* place
      const first = yield* cli(["login", "--link"], env)
      const second = yield* cli(["login", "--link"], env)
      const [, one = ""] = yield* first.says(/and enter ([A-Z0-9]{4})\./)
      const [, two = ""] = yield* second.says(/and enter ([A-Z0-9]{4})\./)
      yield* simulator.claim(one, "frank")
      assert.strictEqual(yield* first.end, 0, first.stderr())
      yield* simulator.claim(two, "grace")
      assert.strictEqual(yield* second.end, 0, second.stderr())
      const stored = readFileSync(store, "utf8")
      assert.include(stored, "frank")
      assert.include(stored, "grace")
      assert.isTrue(
        (yield* simulator.requests).every(
          ({ headers }, _, [any]) => headers["x-plex-client-identifier"] === any?.headers["x-plex-client-identifier"]
        )
      )
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("nobody signed in, no network, and a damaged store have exit codes of their own", () =>
    Effect.gen(function* () {
      const { env, store } = yield* place
      const nobody = yield* cli(["token"], env)
      assert.strictEqual(yield* nobody.end, 3)
      assertSentence(nobody)

      const offline = yield* cli(["login", "--link"], {
        ...env,
        PLEX_BASE_URL: `http://127.0.0.1:${yield* freePort}/api/v2`
      })
      assert.strictEqual(yield* offline.end, 5)
      assertSentence(offline)

      const readOnly = yield* cli(["token"], { ...env, PLEX_AUTH_STORE: join(store, "..", "..") })
      assert.strictEqual(yield* readOnly.end, 6)
      assertSentence(readOnly)
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("--simulate needs no plex.tv and keeps nothing", () =>
    Effect.gen(function* () {
      const login = yield* cli(["login", "--link", "--simulate"], { XDG_CONFIG_HOME: "/nonexistent" })
      const whoami = yield* cli(["whoami", "--simulate"], { XDG_CONFIG_HOME: "/nonexistent" })
      assert.strictEqual(yield* login.end, 0)
      assert.include(login.stderr(), "Signed in as alice.")
      assert.strictEqual(yield* whoami.end, 0)
      assert.strictEqual(whoami.stdout(), "alice\n")
    })
  )
})
