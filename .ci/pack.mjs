// The packages as a user gets them: packed, judged, installed into an empty project outside the workspace, imported, and
// the README's first program type-checked and run there, against a simulated plex.tv; and a sign-in on each runtime.
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import ts from "typescript"
import { onEachRuntime, packages } from "./runtimes.mjs"

const expect = (truth, otherwise) => {
  if (!truth) throw new Error(otherwise)
}

const readme = readFileSync("README.md", "utf8")
const readmeProgram = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? ""
const [installLine = "", peers = ""] = /^npm install @plex-auth\/core @plex-auth\/http (.*)$/m.exec(readme) ?? []
const readmePeers = peers.split(" ")

/** The environment without the settings of the pnpm that started this script: npm would take them for its own. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")))

/** Runs a command to its end, and returns what it printed. */
const run = (cwd, command, ...args) => {
  const { error, status, stderr, stdout } = spawnSync(command, args, { cwd, env, encoding: "utf8", timeout: 180_000 })
  expect(status === 0, `${[command, ...args].join(" ")}\n${stdout}${stderr}${error ?? ""}`)
  return stdout
}

/** The files below a folder that end in this way, without their end. */
const filesOf = (folder, end) =>
  readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith(end))
    .map((file) => file.slice(0, -end.length))
    .sort()

/** What a tarball must have in it, and must not. */
const inspect = (folder) => {
  const manifestText = readFileSync(`${folder}/package.json`, "utf8")
  const manifest = JSON.parse(manifestText)
  expect(!/"(workspace|catalog):/.test(manifestText), `${manifest.name}: a version is pnpm's own:\n${manifestText}`)
  expect(manifest.dependencies?.effect === undefined, `${manifest.name}: effect must be a peer`)
  expect(manifest.peerDependencies?.effect !== undefined, `${manifest.name}: effect is not a peer`)
  const entries = readdirSync(folder).sort().join(" ")
  expect(
    entries === "CHANGELOG.md LICENSE README.md dist package.json src",
    `${manifest.name}: the tarball has ${entries}`
  )

  expect(
    readFileSync(`${folder}/README.md`, "utf8").includes(`\n${installLine}\n`),
    `${manifest.name}: its README.md has not the line ${installLine}`
  )

  const modules = filesOf(`${folder}/src`, ".ts")
  for (const end of [".js", ".js.map", ".d.ts", ".d.ts.map"]) {
    // What was compiled from a source that is gone stays in dist until somebody removes it.
    const compiled = filesOf(`${folder}/dist`, end).join("\n")
    expect(compiled === modules.join("\n"), `${manifest.name}: dist has other modules than src (${end}):\n${compiled}`)
  }
  for (const module of modules) {
    for (const end of [".js", ".d.ts"]) {
      const file = `${folder}/dist/${module}${end}`
      for (const source of JSON.parse(readFileSync(`${file}.map`, "utf8")).sources) {
        readFileSync(join(dirname(file), source)) // throws when the map leads nowhere
      }
      for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8")).importedFiles) {
        expect(!isBuiltin(fileName), `${manifest.name}: dist/${module}${end} imports ${fileName}`)
      }
    }
  }
  return { name: manifest.name, manifest, modules }
}

/** Packs one package and judges the tarball. */
const pack = (folder, temporary) => {
  const tarball = JSON.parse(run(folder, "pnpm", "pack", "--json", "--pack-destination", temporary)).filename
  const unpacked = `${tarball}.unpacked`
  mkdirSync(unpacked)
  run(unpacked, "tar", "-xzf", tarball, "--strip-components", "1")
  const { manifest, modules, name } = inspect(unpacked)
  const isPublic = (module) => !module.startsWith("internal/")
  const subpaths = modules.filter(isPublic).map((module) => (module === "index" ? name : `${name}/${module}`))
  const internals = modules.filter((module) => !isPublic(module)).map((module) => `${name}/${module}`)
  run(".", "publint", "run", tarball, "--strict")
  // attw leaves out the modules behind "./*" unless they are named.
  run(".", "attw", tarball, "--profile", "esm-only", "--include-entrypoints", ...modules.filter(isPublic))
  return { tarball, manifest, subpaths, internals }
}

/** An empty project with the tarballs in it, as npm installs them. */
const install = (folder, tarballs, peers) => {
  mkdirSync(folder)
  writeFileSync(`${folder}/package.json`, JSON.stringify({ name: "consumer", private: true, type: "module" }))
  const others = ["typescript@5", "@types/node@20", ...packages]
  run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs, ...peers, ...others)
  const compilerOptions = {
    module: "NodeNext",
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    outDir: "out"
  }
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ compilerOptions, include: ["*.ts"] }))
}

/** Each module is there under its subpath, for types and at run time; the internal ones are not. */
const importAll = (folder, subpaths, internals) => {
  writeFileSync(`${folder}/modules.ts`, subpaths.map((path, i) => `export * as m${i} from "${path}"\n`).join(""))
  writeFileSync(
    `${folder}/modules.mjs`,
    `for (const path of ${JSON.stringify(subpaths)}) await import(path)
    for (const path of ${JSON.stringify(internals)}) {
      const code = await import(path).then(() => "none", (error) => error.code)
      if (code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") throw new Error(path + " can be imported: " + code)
    }`
  )
  run(folder, "node", "modules.mjs")
}

/** Resolves with what a pattern matches in the output of a process, as soon as it does. */
const printed = (child, pattern) =>
  new Promise((resolve, reject) => {
    let output = ""
    const read = (text) => {
      output += text
      const match = pattern.exec(output)
      if (match) resolve(match)
    }
    child.stdout.setEncoding("utf8").on("data", read)
    child.stderr.setEncoding("utf8").on("data", read)
    child.on("close", (code) => reject(new Error(`ended with ${code}, without ${pattern}:\n${output}`)))
  })

/** Runs the README's program against the workspace's simulator, claims its PIN, and expects it to greet the user. */
const runPrograms = async (folder, runtimes) => {
  const start = (cwd, args, more) => spawn(process.execPath, args, { cwd, env: { ...env, ...more }, timeout: 180_000 })
  const simulator = start("examples", ["--import", "tsx", "simulate.ts", "--port", "0"])
  try {
    const [, baseUrl] = await printed(simulator, /Its API +(\S+)/)
    const example = start(folder, ["out/example.js"], { PLEX_BASE_URL: baseUrl })
    const greeting = printed(example, /Hello, alice!/)
    const [, code] = await printed(example, /Enter (\S+) at/)
    await fetch(new URL("/link", baseUrl), { method: "POST", body: new URLSearchParams({ code, username: "alice" }) })
    await greeting
    await onEachRuntime(folder, baseUrl, env, runtimes)
  } finally {
    simulator.kill()
  }
}

/** An installed project with the packed packages: everything can be imported, and the README's program type-checks and runs. */
const useIn = async (folder, packed, peers, runtimes) => {
  const all = (of) => packed.flatMap(of)
  install(
    folder,
    all(({ tarball }) => tarball),
    peers
  )
  importAll(
    folder,
    all(({ subpaths }) => subpaths),
    all(({ internals }) => internals)
  )
  writeFileSync(`${folder}/example.ts`, readmeProgram)
  run(folder, "npx", "tsc")
  await runPrograms(folder, runtimes)
  const version = (name) => JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, "utf8")).version
  return ["effect", "@effect/platform"].map((name) => `${name}@${version(name)}`)
}

const temporary = mkdtempSync(join(tmpdir(), "plex-auth-"))
try {
  expect(readmeProgram.includes("import "), "README.md has no program as its first ts block")
  expect(installLine !== "", "README.md has no line that installs the packages with their peers")
  run(".", "pnpm", "build")
  const packed = ["packages/core", "packages/http"].map((folder) => pack(folder, temporary))
  expect(packed[1].manifest.peerDependencies["@effect/platform"] !== undefined, "@effect/platform is not a peer")

  // Both ends of the peer ranges: the oldest versions in them, and what the README's command installs.
  const oldest = Object.entries(packed[1].manifest.peerDependencies).map(
    ([name, range]) => name + range.replace("^", "@")
  )
  const used = await useIn(`${temporary}/oldest`, packed, oldest, ["Node 20"])
  expect(isDeepStrictEqual(used.sort(), oldest.sort()), `npm took ${used.join(" ")} in place of ${oldest.join(" ")}`)
  console.log(`ok: with ${used.join(" ")}`)
  console.log(`ok: with ${(await useIn(`${temporary}/newest`, packed, readmePeers, undefined)).join(" ")}`)
  console.log("Packed, installed, imported, and run.")
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
