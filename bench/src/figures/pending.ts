import * as Schema from "effect/Schema"
import { printTable } from "../support/print.js"
import { run, withServer } from "../support/run.js"

const Measured = Schema.parseJson(
  Schema.Struct({
    noticed: Schema.Number,
    median: Schema.Number,
    p99: Schema.Number,
    kilobytes: Schema.Number,
    cores: Schema.Number
  })
)

const measure = (count: number) =>
  withServer(async (server) =>
    Schema.decodeSync(Measured)(await run("waiting", [server, String(count)], ["--expose-gc"]))
  )

/** Sign-ins that wait in one process, for a minute. */
export const pending = async (title: string, counts: ReadonlyArray<number>): Promise<void> => {
  const rows = []
  for (const count of counts) {
    const { cores, kilobytes, median, noticed, p99 } = await measure(count)
    rows.push([
      String(count),
      String(noticed),
      (median / 1_000).toFixed(2),
      (p99 / 1_000).toFixed(2),
      kilobytes.toFixed(1),
      cores.toFixed(2)
    ])
  }
  printTable(title, ["pending", "noticed", "median s after the claim", "p99 s", "kB for each", "cores"], rows)
}
