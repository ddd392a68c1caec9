// What the packages export, as a report that shows in review: `pnpm api` writes it from the built packages, and `pnpm api:check`
// fails when the committed one is another.
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

const reports = {
  core: "packages/core/dist/index.d.ts",
  http: "packages/http/dist/index.d.ts",
  "http-testing": "packages/http/dist/testing.d.ts"
}

const silent = { default: { logLevel: "none" } }
const mayWrite = process.argv.includes("--write")

for (const [name, entry] of Object.entries(reports)) {
  const projectFolder = resolve(entry, "../..")
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
        reportFolder: resolve("docs/api"),
        reportTempFolder: mkdtempSync(join(tmpdir(), "api-"))
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
  const result = Extractor.invoke(config, {
    localBuild: mayWrite,
    messageCallback: (message) => {
      message.handled = !["error"].includes(message.logLevel)
    }
  })
  if (!result.succeeded || (result.apiReportChanged && !mayWrite)) {
    console.error(
      `docs/api/${name}.api.md is not what the package exports. Run pnpm api, and say in a changeset what has changed.`
    )
    process.exitCode = 1
  }
  if (!readFileSync(`docs/api/${name}.api.md`, "utf8").includes("export "))
    throw new Error(`docs/api/${name}.api.md has no exports`)
}
