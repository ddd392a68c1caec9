import * as Schema from "effect/Schema"
import { printTable, ratio } from "../support/print.js"
import { run, withServer } from "../support/run.js"
import { inTurn, median } from "../support/statistics.js"

const Measured = Schema.parseJson(Schema.Struct({ perSecond: Schema.Number, cpuMicros: Schema.Number }))

const contenders = ["plexAuthUndici", "plexAuthFetch", "plexjs", "plexOauth", "fetch", "undici"]

/** Requests a second, 32 at a time, and the CPU time of one. */
export const requests = async (rounds: number): Promise<void> => {
  const results = await withServer((server) =>
    inTurn(contenders, rounds, async (name) =>
      Schema.decodeSync(Measured)(await run(`contenders/${name}`, [server, "load", "4"]))
    )
  )
  const perSecond = (name: string) => median((results.get(name) ?? []).map((one) => one.perSecond))
  const cpu = (name: string) => median((results.get(name) ?? []).map((one) => one.cpuMicros))
  printTable(
    `getToken, 32 at a time (${rounds} rounds)`,
    ["client", "requests/s", "of fetch", "of plexjs", "CPU µs/request", "of plexjs"],
    contenders.map((name) => [
      name,
      perSecond(name).toFixed(0),
      ratio(perSecond(name), perSecond("fetch")),
      ratio(perSecond(name), perSecond("plexjs")),
      cpu(name).toFixed(0),
      ratio(cpu(name), cpu("plexjs"))
    ])
  )
}
