/** The web page's program, as a stranger runs it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, mkdtempSync, statSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { takenPort } from "./support/ports.js"
import { programs } from "./support/programs.js"
import { signInAtPlex, visitor } from "./support/site.js"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "plex-auth-web-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true }))
)

describe.concurrent("pnpm web", { timeout: 30_000 }, () => {
  const { run } = programs("web/main")

  it.scopedLive("signs a browser in with the simulated Plex, and leaves at once on Ctrl-C", () =>
    Effect.gen(function* () {
      const web = yield* run("web/main", { args: ["--port", "0"] })
      const [, url = ""] = yield* web.says(/simulated on this machine: (http:\/\/127\.0\.0\.1:[0-9]+)\n/)
      const alice = visitor(url)
      assert.strictEqual((yield* alice.get("/")).title, "Sign in")
      const { location } = yield* alice.post("/sign-in")
      yield* alice.get(yield* signInAtPlex(location))
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
      assert.include((yield* alice.get("/page.js")).body, "role=timer")
      assert.include((yield* alice.get("/style.css")).body, "prefers-color-scheme: dark")
      yield* web.kill("SIGINT")
      assert.strictEqual(yield* web.end, 130)
      assert.strictEqual(web.stderr(), "")
    })
  )

  it.scopedLive("--live sends the browser to app.plex.tv; when plex.tv is not there the log says why, on stderr", () =>
    Effect.gen(function* () {
      const env = { PLEX_BASE_URL: "http://127.0.0.1:1/api/v2" }
      const web = yield* run("web/main", { args: ["--live", "--port", "0"], env })
      const [, url = ""] = yield* web.says(/with plex\.tv: (\S+)\n/)
      const alice = visitor(url)
      const answer = yield* alice.post("/sign-in")
      assert.strictEqual(answer.status, 503)
      assert.include(answer.headers.get("content-security-policy") ?? "", "form-action 'self' https://app.plex.tv;")
      yield* web.kill("SIGTERM")
      assert.strictEqual(yield* web.end, 143)
      assert.match(web.stderr(), /^[^\n]*level=WARN[^\n]*plex\.tv is not available[^\n]*\n$/)
    })
  )

  it.scopedLive("--help shows each option and the environment", () =>
    Effect.gen(function* () {
      const web = yield* run("web/main", { args: ["--help"] })
      assert.strictEqual(yield* web.end, 0)
      for (const text of ["--port", "--host", "--live", "PUBLIC_URL", "REDIS_URL", "SESSION_FOLDER", "Exit codes: 0 "])
        assert.include(web.stdout(), text)
      assert.strictEqual(web.stderr(), "")
    })
  )

  it.scopedLive("what it can't run with: a sentence, and an exit code", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      chmodSync(folder, 0o755)
      for (const [exitCode, args, env, sentence] of [
        [2, ["--prot", "1"], {}, "There is no option --prot. Try --help."],
        [2, ["--port", "x"], {}, "--port must be a whole number"],
        [1, ["--port", String(yield* takenPort)], {}, "EADDRINUSE"],
        [1, ["--port", "0"], { PUBLIC_URL: "http://example.com" }, "PUBLIC_URL must be"],
        [1, ["--port", "0"], { REDIS_URL: "redis://127.0.0.1:1" }, "Can't reach Redis (connect ECONNREFUSED"],
        [1, ["--port", "0"], { SESSION_FOLDER: folder }, "chmod 700"],
        [1, ["--port", "0"], { SESSION_FOLDER: "/dev/null/x" }, "Can't use the SESSION_FOLDER"]
      ] as const) {
        const web = yield* run("web/main", { args, env })
        assert.strictEqual(yield* web.end, exitCode)
        assert.strictEqual(web.stdout(), "")
        assert.include(web.stderr(), sentence)
        assert.match(web.stderr(), /^[^\n]{20,300}\.\n$/)
      }
    })
  )

  it.scopedLive("a session outlives the program in a folder that nobody else may read", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "sessions")
      const start = Effect.gen(function* () {
        const web = yield* run("web/main", { args: ["--port", "0"], env: { SESSION_FOLDER: folder } })
        const [, url = ""] = yield* web.says(/: (http:\S+)\n/)
        return { web, url }
      })
      const first = yield* start
      const alice = visitor(first.url)
      const { location } = yield* alice.post("/sign-in")
      yield* alice.get(yield* signInAtPlex(location))
      assert.strictEqual((yield* alice.get("/")).title, "Hello, alice!")
      yield* first.web.kill("SIGTERM")
      yield* first.web.end
      assert.strictEqual(statSync(folder).mode & 0o777, 0o700)

      const again = visitor((yield* start).url)
      again.useCookie(alice.cookie())
      assert.strictEqual((yield* again.get("/")).title, "Hello, alice!")
    })
  )
})
