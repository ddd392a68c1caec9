// What a browser has to load for `getToken` and for the whole sign-in: minified, gzipped, ours and Effect's part apart.
// Fails above the limits below, which are raised on purpose or not at all.
import { build } from "esbuild"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"

const programs = {
  getToken: {
    limits: { whole: 100, ours: 10 },
    source: `
      import { PlexAuth } from "@plex-auth/core/PlexAuth"
      import { PlexClientInfo } from "@plex-auth/core/PlexClientInfo"
      import * as PlexAuthHttp from "@plex-auth/http/PlexAuthHttp"
      import * as Effect from "effect/Effect"
      import * as Layer from "effect/Layer"
      export const getToken = (pinID, clientIdentifier) =>
        Effect.flatMap(PlexAuth, (plex) => plex.getToken({ pinID })).pipe(
          Effect.provide(PlexAuthHttp.layerFetch().pipe(Layer.provide(PlexClientInfo.layer({ clientIdentifier, product: "Size" })))),
          Effect.runPromise
        )`
  },
  signIn: {
    // 7 kB of it are jose, which signs and verifies for the devices that have a key.
    limits: { whole: 121, ours: 18 },
    source: `
      import { CredentialStore, SignIn } from "@plex-auth/core"
      import { PlexAuthHttp } from "@plex-auth/http"
      import * as Effect from "effect/Effect"
      import * as Layer from "effect/Layer"
      export const signIn = (show) =>
        SignIn.run({ show: (pin) => Effect.sync(() => show(pin.code)) }).pipe(
          Effect.provide(
            PlexAuthHttp.layerFetch().pipe(
              Layer.provideMerge(CredentialStore.layerClientInfo({ product: "Size" })),
              Layer.provideMerge(CredentialStore.layerMemory)
            )
          ),
          Effect.runPromise
        )`
  }
}

const kilobytes = (bytes) => bytes / 1_000

/** The gzipped size of a bundle, and that of its parts alone: what is of a package that passes, and of the others. */
const weigh = async (source) => {
  const { metafile, outputFiles } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL("dist/", import.meta.url)), loader: "js" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    write: false,
    outfile: "out.js"
  })
  const whole = kilobytes(gzipSync(outputFiles[0].contents, { level: 9 }).length)
  const inputs = Object.entries(metafile.outputs["out.js"].inputs)
  const bytesOf = (part) =>
    inputs.reduce((sum, [path, { bytesInOutput }]) => (part.test(path) ? sum + bytesInOutput : sum), 0)
  const all = bytesOf(/./)
  // A part has no gzipped size of its own: the whole is divided as the minified bytes are.
  const share = (part) => (whole * bytesOf(part)) / all
  return {
    whole,
    ours: share(/@plex-auth\/|packages\/(core|http)\//),
    effect: share(/node_modules\/(effect|@effect)\//)
  }
}

const rows = []
for (const [program, { limits, source }] of Object.entries(programs)) {
  const { effect, ours, whole } = await weigh(source)
  const row = (part, size, limit) => ({
    program,
    part,
    "kB gzipped": size.toFixed(1),
    limit: limit ?? "",
    over: size > limit
  })
  rows.push(
    row("whole", whole, limits.whole),
    row("ours", ours, limits.ours),
    row("Effect", effect),
    row("others", whole - ours - effect)
  )
}
console.table(rows)
if (rows.some(({ over }) => over)) {
  console.error(
    "A bundle is larger than its limit: see what grew (esbuild's metafile), or raise the limit in bench/size.mjs."
  )
  process.exitCode = 1
}
