import { printTable, ratio } from "../support/print.js"
import { run } from "../support/run.js"
import { inTurn, median } from "../support/statistics.js"

const contenders = ["plexAuth", "plexjs"]

/** From the text of an answer to the decoded value, without HTTP. */
export const decode = async (rounds: number): Promise<void> => {
  const results = await inTurn(contenders, rounds, async (name) => Number(await run("decoders", [name])))
  const micros = (name: string) => median(results.get(name) ?? [])
  printTable(
    `Decoding one answer (${rounds} rounds)`,
    ["library", "µs", "of plexjs"],
    contenders.map((name) => [name, micros(name).toFixed(1), ratio(micros(name), micros("plexjs"))])
  )
}
