import { afterAll, beforeAll } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import type { Scope } from "effect"
import { build } from "esbuild"
import { spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { copyFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** How a process ended: its exit code, or the signal that it died of. */
type End = number | NodeJS.Signals | null

export interface Running {
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until the output has what is looked for, stdout or stderr; dies when the process ends before. */
  readonly says: (pattern: RegExp) => Effect.Effect<RegExpExecArray>
  readonly types: (text: string) => Effect.Effect<void>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Stops to read its output, and closes the pipe. */
  readonly closeStdout: Effect.Effect<void>
  readonly end: Effect.Effect<End>
}

interface Invocation {
  readonly args?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
}

type Name = "demo" | "get-token" | "simulate" | "web/main" | "cli/main"

/** Examples, to be run as processes of their own by the tests of the file that asks for them. */
export const programs = <N extends Name>(...names: ReadonlyArray<N>) => {
  const folder = mkdtempSync(join(tmpdir(), "plex-auth-examples-"))
  afterAll(() => rm(folder, { recursive: true }))
  // Each program as one file: so it starts in a third of a second, and through tsx it would take two.
  beforeAll(async () => {
    const examples = fileURLToPath(new URL("../..", import.meta.url))
    await build({
      absWorkingDir: examples,
      entryPoints: names.map((name) => `${name}.ts`),
      outbase: examples,
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      // Some of what comes along is CommonJS.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: "error"
    })
    if (!names.some((name) => name === "web/main")) return
    for (const name of ["page.js", "style.css"]) await copyFile(join(examples, "web", name), join(folder, "web", name))
  })
  const file = (name: N) => join(folder, `${name}.mjs`)
  const run = (name: N, { args = [], env = {} }: Invocation = {}) =>
    started(process.execPath, [file(name), ...args], env)
  return { file, run }
}

/** A process of its own, with only the environment that is given. It is killed when the scope closes. */
export const started = (
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.gen(function* () {
    const end = yield* Deferred.make<End>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(command, args, { env: { PATH: process.env["PATH"] ?? "", ...env } })),
      (spawned) => Effect.sync(() => spawned.kill("SIGKILL"))
    )
    let stdout = ""
    let stderr = ""
    let ended = false
    const listeners = new Set<() => void>()
    const changed = () => listeners.forEach((listener) => listener())
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      changed()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      changed()
    })
    child.on("close", (code, signal) => {
      Deferred.unsafeDone(end, Effect.succeed(code ?? signal))
      ended = true
      changed()
    })

    const says = (pattern: RegExp) =>
      Effect.async<RegExpExecArray>((resume) => {
        const look = () => {
          const found = pattern.exec(stdout) ?? pattern.exec(stderr)
          if (found !== null) resume(Effect.succeed(found))
          else if (ended) resume(Effect.dieMessage(`never said ${String(pattern)}:\n${stdout}${stderr}`))
        }
        listeners.add(look)
        look()
        return Effect.sync(() => listeners.delete(look))
      })

    return {
      stdout: () => stdout,
      stderr: () => stderr,
      says,
      types: (text) => Effect.sync(() => void child.stdin.write(text)),
      kill: (signal) => Effect.sync(() => void child.kill(signal)),
      closeStdout: Effect.sync(() => void child.stdout.destroy()),
      end: Deferred.await(end)
    }
  })
