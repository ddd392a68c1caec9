/** What several commands take. */
import * as Options from "@effect/cli/Options"

export const simulate = Options.boolean("simulate").pipe(
  Options.withDescription("Try it: plex.tv and its user Alice are simulated on this machine, and nothing is kept")
)

export const json = Options.boolean("json").pipe(Options.withDescription("Print the result as JSON"))
