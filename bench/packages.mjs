// Lays the built packages out beside the built bench as a registry would: with their published entry points, not the sources.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"

for (const name of ["core", "http"]) {
  const from = new URL(`../packages/${name}/`, import.meta.url)
  const to = new URL(`dist/node_modules/@plex-auth/${name}/`, import.meta.url)
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  cpSync(new URL("dist/", from), new URL("dist/", to), { recursive: true })
  const { publishConfig, ...manifest } = JSON.parse(readFileSync(new URL("package.json", from), "utf8"))
  writeFileSync(new URL("package.json", to), JSON.stringify({ ...manifest, exports: publishConfig.exports }))
}
