import { bundle } from "../support/bundle.js"
import { printTable, ratio } from "../support/print.js"
import { run, withServer } from "../support/run.js"
import { inTurn, median } from "../support/statistics.js"

const contenders = ["plexAuthUndici", "plexAuthFetch", "plexjs", "plexOauth", "fetch", "undici"].map(
  (name) => `contenders/${name}`
)

/** From the start of a process to its end, with one token read in between: from installed packages, and from one file. */
export const start = async (rounds: number): Promise<void> => {
  const bundled = await Promise.all(contenders.map(bundle))
  const results = await withServer((server) =>
    inTurn([...contenders, ...bundled], rounds, async (script) => {
      const started = performance.now()
      await run(script, [server, "once"])
      return performance.now() - started
    })
  )
  const print = (how: string, scripts: ReadonlyArray<string>) => {
    const millis = (script: string) => median(results.get(script) ?? [])
    const plexjs = scripts.find((script) => script.endsWith("/plexjs")) ?? ""
    printTable(
      `Process start to first token, ${how} (${rounds} rounds)`,
      ["client", "ms", "of plexjs"],
      scripts.map((script) => [
        script.slice(script.lastIndexOf("/") + 1),
        millis(script).toFixed(0),
        ratio(millis(script), millis(plexjs))
      ])
    )
  }
  print("from installed packages", contenders)
  print("from a bundle", bundled)
}
