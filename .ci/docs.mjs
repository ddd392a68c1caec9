// What docgen leaves open. It wants a description, a @since and an example of every export, and a category of nobody. The
// examples, those of the README and those of docs/ are type-checked and run here, against a simulated plex.tv.
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import ts from "typescript"

const problems = []
const examples = new Map() // name of the file to be → code

const blocks = (text) => [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
const lineAt = (text, index) => text.slice(0, index).split("\n").length

/** A doc comment without its stars. The lines stay where they are. */
const plain = (comment) => comment.replace(/^ *\*(\/| ?)/gm, "")

const collectExamples = (source, name) => {
  for (const comment of source.text.matchAll(/^ *\/\*\*.*?\*\//gms)) {
    for (const block of blocks(plain(comment[0]))) {
      const line = lineAt(source.text, comment.index) + lineAt(plain(comment[0]), block.index) - 1
      examples.set(`${name}-${line}`, block[1])
    }
  }
}

for (const folder of ["packages/core/src", "packages/http/src"]) {
  for (const file of readdirSync(folder, { recursive: true })) {
    if (!file.endsWith(".ts") || file.startsWith("internal")) continue
    const path = `${folder}/${file}`
    const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true)
    collectExamples(source, path.replaceAll(/[/.]/g, "-"))
    const overloads = new Set()
    for (const node of source.statements) {
      if (!node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue
      const name = (node.name ?? node.declarationList.declarations[0].name).getText()
      if (ts.isFunctionDeclaration(node) && overloads.has(name)) continue // the first overload has the docs
      overloads.add(name)
      if (!ts.isModuleDeclaration(node) && !ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "category")) {
        problems.push(`${path}:${lineAt(source.text, node.getStart())} ${name} has no @category`)
      }
    }
  }
}

// The READMEs' programs. The first is a file's, word for word, and is checked and run elsewhere.
const readme = readFileSync("README.md", "utf8")
const program = readFileSync("examples/get-token.ts", "utf8")
for (const file of ["README.md", "packages/core/README.md", "packages/http/README.md"]) {
  if (blocks(readFileSync(file, "utf8"))[0]?.[1] !== program) {
    problems.push(`The first program of ${file} is not what examples/get-token.ts has`)
  }
}
const [, ...programs] = blocks(readme)
for (const block of programs) examples.set(`README-${lineAt(readme, block.index)}`, block[1])

for (const file of readdirSync("docs").filter((name) => name.endsWith(".md"))) {
  const text = readFileSync(`docs/${file}`, "utf8")
  for (const block of blocks(text)) examples.set(`docs-${file.slice(0, -3)}-${lineAt(text, block.index)}`, block[1])
}

/** The names that an example gives to values. */
const namesIn = (code) =>
  ts
    .createSourceFile("example.ts", code, ts.ScriptTarget.Latest)
    .statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations.map(({ name }) => name))
    .filter(ts.isIdentifier)
    .map(({ text }) => text)

// They are checked and run from a folder of the workspace's that has every package at hand.
const folder = "examples/.docs"
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const [name, code] of examples) {
  writeFileSync(`${folder}/${name}.ts`, `${code}\nexport const valuesOfTheExample = { ${namesIn(code).join(", ")} }\n`)
}
const list = [...examples].map(
  ([name, text]) =>
    `{ name: "${name}", text: ${JSON.stringify(text)}, load: async () => (await import("./${name}.js")).valuesOfTheExample }`
)
writeFileSync(`${folder}/examples.mjs`, `export const examples = [${list.join(",\n")}]\n`)
copyFileSync(".ci/docs-run.mjs", `${folder}/run.mjs`)
writeFileSync(
  `${folder}/tsconfig.json`,
  JSON.stringify({
    extends: "../../tsconfig.base.json",
    compilerOptions: {
      noEmit: true,
      composite: false,
      incremental: false,
      declaration: false,
      declarationMap: false,
      noUnusedLocals: false,
      skipLibCheck: true
    }
  })
)

for (const [command, ...args] of [
  ["tsc", "--project", folder],
  ["tsx", `${folder}/run.mjs`]
]) {
  const { error, status, stderr, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: 120_000 })
  process.stdout.write(command === "tsx" && status === 0 ? stdout.split("\n").at(-2) + "\n" : "")
  if (status !== 0) {
    problems.push(`An example fails with ${command}:\n${stdout}${stderr}${error ?? ""}`)
    break
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"))
  process.exit(1)
}
