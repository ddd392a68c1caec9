// What the packages export, as a report that shows in review: `pnpm api` writes it from the built packages, and `pnpm api:check`
// fails when the committed one is another.
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const reports = {
  core: "packages/core/dist/index.d.ts",
  http: "packages/http/dist/index.d.ts",
  "http-testing": "packages/http/dist/testing.d.ts"
}

/** In which order TypeScript prints the members of an intersection depends on what it has seen before. */
const unordered = (report) => report.split("\n").sort().join("\n")

const silent = { default: { logLevel: "none" } }
const mayWrite = process.argv.includes("--write")

for (const [name, entry] of Object.entries(reports)) {
  const projectFolder = resolve(entry, "../..")
  const reportFolder = mkdtempSync(join(tmpdir(), "api-"))
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(projectFolder, "package.json"),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder,
      mainEntryPointFilePath: resolve(entry),
      newlineKind: "lf",
      compiler: { tsconfigFilePath: join(projectFolder, "tsconfig.src.json") },
      apiReport: {
        enabled: true,
        // The fields of a schema are in the base class of its class, which nobody exports.
        includeForgottenExports: true,
        reportFileName: name,
        reportFolder,
        reportTempFolder: reportFolder
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: "error" } },
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent
      }
    }
  })
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = message.logLevel !== "error"
    }
  })
  const file = `${name}.api.md`
  const report = readFileSync(join(reportFolder, file), "utf8")
  rmSync(reportFolder, { recursive: true })
  if (!succeeded || !report.includes("export ")) throw new Error(`${entry} can't be reported`)

  const committed = `docs/api/${file}`
  const isCurrent = existsSync(committed) && unordered(readFileSync(committed, "utf8")) === unordered(report)
  if (!isCurrent && mayWrite) writeFileSync(committed, report)
  if (!isCurrent && !mayWrite) {
    console.error(
      `${committed} is not what the package exports. Run pnpm api, and say in a changeset what has changed.`
    )
    process.exitCode = 1
  }
}
