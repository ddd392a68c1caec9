import { build } from "esbuild"
import { fileURLToPath } from "node:url"

const path = (script: string) => fileURLToPath(new URL(`../${script}.js`, import.meta.url))

/** Makes one file of a script and all that it loads, and returns the script's name, for `run`. */
export const bundle = async (script: string): Promise<string> => {
  const bundled = `bundled/${script}`
  await build({
    entryPoints: [path(script)],
    outfile: path(bundled),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Some of what is bundled is CommonJS, and asks for Node's own modules.
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
    logLevel: "error"
  })
  return bundled
}
