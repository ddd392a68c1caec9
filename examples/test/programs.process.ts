/** The examples as a stranger runs them: processes, pipes, signals, a terminal. */
import { assert, describe, it } from "@effect/vitest"
import { PlexTvSimulator } from "@plex-auth/http/testing"
import { Effect, Layer, Schema } from "effect"
import { existsSync } from "node:fs"
import { listening } from "../listening.js"
import { freePort, takenPort } from "./support/ports.js"
import { programs, started } from "./support/programs.js"
import type { Running } from "./support/programs.js"

const Simulator = PlexTvSimulator.layerServer.pipe(Layer.provide(listening({ host: "127.0.0.1", port: 0 })))

/** What must be in no output: a token has 20 letters and digits, a PIN's id has 10 digits. A UUID may look like neither. */
const assertNoSecret = ({ stderr, stdout }: Running) => {
  assert.notMatch(stdout() + stderr(), /[A-Za-z0-9]{20}|\b[0-9]{10}\b/)
}

const escape = "\x1b"

const assertOneSentence = ({ stderr, stdout }: Running) => {
  assert.match(stderr(), /^[^\n]{20,300}\.\n$/)
  assert.notInclude(stderr(), "    at ")
  assert.notInclude(stdout() + stderr(), escape)
}

const PinOfOthers = Schema.Struct({
  id: Schema.Number,
  code: Schema.String,
  product: Schema.String,
  authToken: Schema.NullOr(Schema.String)
})

/** Sends what a curl command would send, and reads the PIN that comes back. */
const sent = (curl: string) => {
  const [, method = "GET", url = ""] = /^curl (?:-X (\w+) )?(\S+)/.exec(curl) ?? []
  const headers = Array.from(curl.matchAll(/-H '([^:]+): ([^']+)'/g), ([, name = "", value = ""]) => [name, value])
  return Effect.promise(() =>
    fetch(url, { method, headers: Object.fromEntries(headers) }).then((answer) => answer.json())
  ).pipe(Effect.flatMap(Schema.decodeUnknown(PinOfOthers)))
}

/** A command on a terminal of its own, for which util-linux has a tool. */
const hasScript = process.platform === "linux" && existsSync("/usr/bin/script")

const onTerminal = (command: string, env: Readonly<Record<string, string>>) =>
  started("/usr/bin/script", ["-qec", command, "/dev/null"], { SHELL: "/bin/sh", TERM: "xterm", ...env })

const styling = new RegExp(`${escape}\\[[0-9;]*m`)

// Most of the time is spent waiting for a poll.
describe.concurrent("programs", { timeout: 20_000 }, () => {
  const { file, run } = programs("demo", "get-token", "simulate")

  it.scopedLive("demo, in a pipe: plain lines from the code to the user's name", () =>
    Effect.gen(function* () {
      const demo = yield* run("demo", { args: ["--claim-after", "0"] })
      assert.strictEqual(yield* demo.end, 0)
      assert.strictEqual(demo.stderr(), "")
      const out = demo.stdout()
      const [, code] = yield* demo.says(/and enter ([A-Z0-9]{4})\./)
      assert.match(out, new RegExp(`Open http://127\\.0\\.0\\.1:[0-9]+/link\\?pin=${code ?? ""}\n`))
      assert.match(out, /Signed in as alice\. The app has the access token/)
      assert.include(out, "GET /api/v2/pins/{pinID}")
      assert.notInclude(out, escape)
      assert.lengthOf(out.match(/left\. Waiting/g) ?? [], 1, "no line for each second")
      assertNoSecret(demo)
    })
  )

  it.scopedLive("--help shows each option and the exit codes", () =>
    Effect.gen(function* () {
      const [demo, simulate] = yield* Effect.all(
        [run("demo", { args: ["--help"] }), run("simulate", { args: ["-h"] })],
        { concurrency: 2 }
      )
      assert.strictEqual(yield* demo.end, 0)
      assert.strictEqual(yield* simulate.end, 0)
      for (const text of ["--claim-after", "--port", "--live", "--help", "Exit codes: 0 "])
        assert.include(demo.stdout(), text)
      for (const text of ["--host", "--port", "8160", "--help", "Exit codes: 0 "])
        assert.include(simulate.stdout(), text)
      assert.strictEqual(demo.stderr() + simulate.stderr(), "")
    })
  )

  it.scopedLive("wrong arguments: a sentence, and exit code 2", () =>
    Effect.gen(function* () {
      const runs = yield* Effect.all(
        [
          run("demo", { args: ["--prot", "1"] }),
          run("demo", { args: ["--live", "--port", "1"] }),
          run("simulate", { args: ["x"] })
        ],
        { concurrency: 3 }
      )
      for (const each of runs) {
        assert.strictEqual(yield* each.end, 2)
        assert.strictEqual(each.stdout(), "")
        assertOneSentence(each)
      }
    })
  )

  it.scopedLive("a port that is taken: a sentence, and exit code 1", () =>
    Effect.gen(function* () {
      const port = String(yield* takenPort)
      const runs = yield* Effect.all(
        [run("demo", { args: ["--port", port] }), run("simulate", { args: ["--port", port] })],
        { concurrency: 2 }
      )
      for (const each of runs) {
        assert.strictEqual(yield* each.end, 1)
        assert.include(each.stderr(), `port ${port} (EADDRINUSE)`)
        assertOneSentence(each)
      }
    })
  )

  it.scopedLive("demo --live and get-token without a network: a sentence, and exit code 1", () =>
    Effect.gen(function* () {
      const env = { PLEX_BASE_URL: `http://127.0.0.1:${String(yield* freePort)}/api/v2` }
      const runs = yield* Effect.all([run("demo", { args: ["--live"], env }), run("get-token", { env })], {
        concurrency: 2
      })
      for (const each of runs) {
        assert.strictEqual(yield* each.end, 1)
        assert.include(each.stderr(), "ECONNREFUSED")
        assertOneSentence(each)
      }
    })
  )

  it.scopedLive("demo leaves at once on a signal", () =>
    Effect.gen(function* () {
      const slow = { args: ["--claim-after", "600"] }
      const [interrupted, terminated] = yield* Effect.all([run("demo", slow), run("demo", slow)], { concurrency: 2 })
      yield* interrupted.says(/Waiting/)
      yield* interrupted.kill("SIGINT")
      assert.strictEqual(yield* interrupted.end, 130)
      yield* terminated.says(/Waiting/)
      yield* terminated.kill("SIGTERM")
      assert.strictEqual(yield* terminated.end, 143)
      assert.strictEqual(interrupted.stderr() + terminated.stderr(), "")
    })
  )

  it.scopedLive("demo ends quietly when nobody reads its output any more", () =>
    Effect.gen(function* () {
      const demo = yield* run("demo", { args: ["--claim-after", "1"] })
      yield* demo.says(/\n/)
      yield* demo.closeStdout
      assert.strictEqual(yield* demo.end, 0)
      assert.strictEqual(demo.stderr(), "")
    })
  )

  it.scopedLive("demo --live waits for the person", () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const env = { PLEX_BASE_URL: simulator.baseUrl, PLEX_CLIENT_IDENTIFIER: "the-same-each-time" }
      const demo = yield* run("demo", { args: ["--live"], env })
      const [, code = ""] = yield* demo.says(/Open https:\/\/plex\.tv\/link\/\?pin=([A-Z0-9]{4})\n/)
      assert.strictEqual((yield* simulator.waiting)[0]?.clientIdentifier, "the-same-each-time")
      yield* simulator.claim(code, "bob")
      yield* demo.says(/Signed in as bob\./)
      assert.strictEqual(yield* demo.end, 0)
      assert.strictEqual(demo.stderr(), "")
      assertNoSecret(demo)
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("get-token greets the user", () =>
    Effect.gen(function* () {
      const simulator = yield* PlexTvSimulator
      const program = yield* run("get-token", { env: { PLEX_BASE_URL: simulator.baseUrl } })
      const [, code = ""] = yield* program.says(/^Enter ([A-Z0-9]{4}) at https:\/\/plex\.tv\/link\n/)
      yield* simulator.claim(code, "carol")
      assert.strictEqual(yield* program.end, 0)
      assert.strictEqual(program.stdout(), `Enter ${code} at https://plex.tv/link\nHello, carol! <redacted>\n`)
      assert.strictEqual(program.stderr(), "")
    }).pipe(Effect.provide(Simulator))
  )

  it.scopedLive("simulate serves the requests that it shows, says what it was asked, and leaves at once", () =>
    Effect.gen(function* () {
      const simulate = yield* run("simulate", { args: ["--port", "0"] })
      const [, page = ""] = yield* simulate.says(/Claim PINs {2}(\S+)\n/)
      const [, create = ""] = yield* simulate.says(/\n +(curl -X POST .*)\n/)
      const [, read = ""] = yield* simulate.says(/\n +(curl http.*)\n\n/)
      const created = yield* sent(create)
      assert.strictEqual(created.product, "My App")
      assert.isNull((yield* sent(read.replace("/ID", `/${String(created.id)}`))).authToken)
      const linked = yield* Effect.promise(() =>
        fetch(page, { method: "POST", body: new URLSearchParams({ code: created.code, username: "dave" }) })
      )
      assert.strictEqual(linked.status, 200)
      assert.match(String((yield* sent(read.replace("/ID", `/${String(created.id)}`))).authToken), /^\S{20}$/)
      yield* simulate.says(
        /POST \/api\/v2\/pins 201\nGET \/api\/v2\/pins\/\{pinID\} 200\nPOST \/link 200\nGET .* 200\n/
      )
      assertNoSecret(simulate)
      yield* simulate.kill("SIGINT")
      assert.strictEqual(yield* simulate.end, 130)
      assert.strictEqual(simulate.stderr(), "")
    })
  )

  it.scopedLive.skipIf(!hasScript)("demo, on a terminal: large letters, and a countdown in its place", () =>
    Effect.gen(function* () {
      const demo = yield* onTerminal(`${process.execPath} ${file("demo")} --claim-after 1`, {})
      assert.strictEqual(yield* demo.end, 0)
      assert.match(demo.stdout(), /##/)
      assert.match(demo.stdout(), styling)
      assert.match(demo.stdout(), new RegExp(`\r${escape}\\[2K {2}14:5[0-9] left\\. Waiting`))
      assert.match(demo.stdout(), /Signed in as .*alice/)
    })
  )

  it.scopedLive.skipIf(!hasScript)("demo, on a terminal: Ctrl-C takes the countdown away; NO_COLOR is honoured", () =>
    Effect.gen(function* () {
      const demo = yield* onTerminal(`${process.execPath} ${file("demo")} --claim-after 600`, { NO_COLOR: "1" })
      yield* demo.says(/Waiting/)
      yield* demo.types("\x03")
      assert.strictEqual(yield* demo.end, 130)
      assert.notMatch(demo.stdout(), styling)
      assert.isTrue(demo.stdout().endsWith(`\r${escape}[2K`), "the last line is empty again")
      assert.notInclude(demo.stdout(), `${escape}[?25l`, "the cursor was never hidden")
    })
  )
})
