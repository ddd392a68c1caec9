/** `pnpm bench` runs every figure, `pnpm bench requests decode` those two, `pnpm bench growth` that one alone. */
import { cpus } from "node:os"
import { decode } from "./figures/decode.js"
import { pending } from "./figures/pending.js"
import { requests } from "./figures/requests.js"
import { start } from "./figures/start.js"
import { unclaimed } from "./figures/unclaimed.js"

const figures = {
  requests: () => requests(3),
  decode: () => decode(3),
  start: () => start(5),
  unclaimed,
  pending: () => pending("Sign-ins pending in one process", [2_000])
}

const commands: Readonly<Record<string, () => Promise<void>>> = {
  ...figures,
  growth: () => pending("Growth", [100, 1_000, 10_000])
}

const asked = process.argv.slice(2)
console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}`)
for (const name of asked.length === 0 ? Object.keys(figures) : asked) {
  const command = commands[name]
  if (command === undefined) throw new Error(`There is no figure ${name}: ${Object.keys(commands).join(", ")}`)
  await command()
}
