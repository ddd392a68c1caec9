// The OpenAPI document of the contract: `pnpm openapi` writes it, and `pnpm openapi:check` fails when the committed one is
// another, or Redocly's linter objects to it.
import { OpenApi } from "@effect/platform"
import { createConfig, formatProblems, getTotals, lintFromString } from "@redocly/openapi-core"
import { readFileSync, writeFileSync } from "node:fs"
import { format } from "prettier"
import { PlexTvApi } from "../packages/http/src/PlexTvApi.ts"

/** plex.tv's refusals, in place of what Effect's own servers answer to a request that they can't decode. */
const refusal = {
  description:
    "A refusal, with Plex's own code for it. What it is for is JSON or XML; on the way it may have become HTML.",
  content: {
    "application/json": {
      schema: {
        type: "object",
        properties: {
          errors: {
            type: "array",
            items: {
              type: "object",
              properties: { code: { type: "integer" }, message: { type: "string" }, status: { type: "integer" } }
            }
          }
        }
      }
    }
  }
}
const effectsOwn = ["HttpApiDecodeError", "Issue", "PropertyKey"]

/** Where a schema has no description, Effect tells its type, which is its own affair. */
const isTypeName = (key, value) => key === "description" && /^(Option<|a string matching|\w+FromSelf)/.test(value)

const asPlexTvDoes = (key, value) => {
  if (key === "responses") {
    return { ...Object.fromEntries(Object.entries(value).filter(([status]) => status !== "400")), "4XX": refusal }
  }
  return effectsOwn.includes(key) || isTypeName(key, value) ? undefined : value
}

const path = "docs/openapi.json"
const current = await format(JSON.stringify(OpenApi.fromApi(PlexTvApi), asPlexTvDoes), {
  parser: "json",
  printWidth: 120
})

if (process.argv.includes("--write")) writeFileSync(path, current)
if (readFileSync(path, "utf8") !== current) {
  console.error(`${path} is not what PlexTvApi says. Run pnpm openapi.`)
  process.exitCode = 1
}

const problems = await lintFromString({
  source: current,
  absoluteRef: path,
  config: await createConfig({ extends: ["recommended"] })
})
if (problems.length > 0) {
  formatProblems(problems, { totals: getTotals(problems), version: "", color: false })
  process.exitCode = 1
}
