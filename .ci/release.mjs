// Publishes the packages, with provenance, and tags the commit; with --dry-run it does all but that. Refuses, with every reason
// that there is, when the commit is not what a clean clone of main has, a changeset was not made a version of, the version is
// there already, or anything that .ci/run checks is not green.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const dryRun = process.argv.includes("--dry-run")
const packages = ["packages/core", "packages/http"].map((folder) => ({
  folder,
  manifest: JSON.parse(readFileSync(`${folder}/package.json`, "utf8"))
}))

/** What a command prints; `undefined` when it fails. */
const output = (command, ...args) => {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" })
  return status === 0 ? stdout.trim() : undefined
}

const run = (cwd, command, ...args) => spawnSync(command, args, { cwd, stdio: "inherit" }).status === 0

/** Tests and tools of others have no business with what publishes. */
const runWithoutTokens = (cwd, command, ...args) => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.includes("TOKEN")))
  return spawnSync(command, args, { cwd, env, stdio: "inherit" }).status === 0
}

const refuse = (...reasons) => {
  console.error(["Nothing was published:", ...reasons.map((reason) => `- ${reason}`)].join("\n"))
  process.exit(1)
}

const versions = new Set(packages.map(({ manifest }) => manifest.version))
const changelogLacks = ({ folder, manifest }) =>
  !readFileSync(`${folder}/CHANGELOG.md`, "utf8").includes(`\n## ${manifest.version}\n`)

const reasons = [
  [output("git", "status", "--porcelain") !== "", "There are changes that are not committed."],
  [output("git", "branch", "--show-current") !== "main", "This is not the branch main."],
  [
    readdirSync(".changeset").some((file) => file.endsWith(".md") && file !== "README.md"),
    "There are changesets. Run pnpm changeset version, and commit what it did."
  ],
  [versions.size !== 1, `The packages have different versions: ${[...versions].join(", ")}.`],
  ...packages.map((each) => [
    changelogLacks(each),
    `${each.folder}/CHANGELOG.md has nothing of ${each.manifest.version}.`
  ]),
  ...packages.map(({ manifest }) => [
    output("npm", "view", `${manifest.name}@${manifest.version}`, "version") === manifest.version,
    `${manifest.name} ${manifest.version} is on the registry already.`
  ]),
  ...(dryRun
    ? []
    : [
        ...packages.map(({ folder, manifest }) => [
          manifest.repository === undefined,
          `${folder}/package.json has no "repository", which the registry compares the provenance with.`
        ]),
        [
          process.env["ACTIONS_ID_TOKEN_REQUEST_URL"] === undefined,
          "Provenance needs the identity of a CI job: run the workflow Release."
        ]
      ])
].flatMap(([holds, reason]) => (holds ? [reason] : []))
if (reasons.length > 0) refuse(...reasons)

const clone = mkdtempSync(join(tmpdir(), "plex-auth-release-"))
process.on("exit", () => rmSync(clone, { recursive: true, force: true }))
if (!run(".", "git", "clone", "--quiet", ".", clone)) refuse("The repository can't be cloned.")
if (!runWithoutTokens(clone, ".ci/run")) refuse("Not everything is green: see above.")

// What was judged is what is published.
if (!runWithoutTokens(clone, "pnpm", "build")) refuse("The packages can't be built.")
if (!run(clone, "pnpm", "publish", "--recursive", "--access", "public", ...(dryRun ? ["--dry-run"] : []))) {
  refuse("The registry refused: see above. What it took is there, and a second run says so.")
}
const [version] = versions
if (!dryRun && !run(".", "git", "tag", "--annotate", `v${version}`, "--message", `Version ${version}`)) {
  console.error(`Published, but the tag v${version} could not be made.`)
  process.exit(1)
}
console.log(
  dryRun ? `${version} could be published.` : `${version} is published. Push the tag: git push origin v${version}`
)
