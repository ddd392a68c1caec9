import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const start = (script: string, args: ReadonlyArray<string>, nodeArgs: ReadonlyArray<string> = []) =>
  spawn(process.execPath, [...nodeArgs, fileURLToPath(new URL(`../${script}.js`, import.meta.url)), ...args], {
    stdio: ["ignore", "pipe", "inherit"]
  })

/** Runs a script of this package to its end, in a process of its own, and returns what it printed. */
export const run = async (
  script: string,
  args: ReadonlyArray<string> = [],
  nodeArgs: ReadonlyArray<string> = []
): Promise<string> => {
  const child = start(script, args, nodeArgs)
  const chunks: Array<string> = []
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk))
  await once(child, "close")
  if (child.exitCode !== 0) throw new Error(`${script} ended with ${String(child.exitCode)}`)
  return chunks.join("")
}

/** Runs something while the server runs, and hands it the server's address. */
export const withServer = async <A>(use: (server: string) => Promise<A>): Promise<A> => {
  const child = start("server", [])
  try {
    for await (const port of createInterface(child.stdout)) return await use(`http://127.0.0.1:${port}`)
    throw new Error("the server did not start")
  } finally {
    child.kill()
  }
}
