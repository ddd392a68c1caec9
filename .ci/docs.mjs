// What docgen leaves open. It wants a description and a @since of every export, and runs the examples of functions and
// constants. It wants a category of nobody, an example of everybody or nobody, and never runs the examples of a class,
// which most of ours are. Of the README it knows nothing.
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import ts from "typescript"

const problems = []
const examples = new Map() // name of the file to be → code

const blocks = (text) => [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
const lineAt = (text, index) => text.slice(0, index).split("\n").length

/** A doc comment without its stars. The lines stay where they are. */
const plain = (comment) => comment.getText().replace(/^ *\*(\/| ?)/gm, "")

const checkExport = (node, where) => {
  const tags = ts.getJSDocTags(node).map((tag) => tag.tagName.text)
  const isValue = ts.isClassDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isVariableStatement(node)
  if (!ts.isModuleDeclaration(node) && !tags.includes("category")) problems.push(`${where} has no @category`)
  if (isValue && !tags.includes("example")) problems.push(`${where} has no @example`)
}

const collectExamples = (node, source, name) => {
  for (const comment of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
    for (const block of blocks(plain(comment))) {
      const line = lineAt(source.text, comment.getStart()) + lineAt(plain(comment), block.index)
      examples.set(`${name}-${line}`, block[1])
    }
  }
}

for (const folder of ["packages/core/src", "packages/http/src"]) {
  for (const file of readdirSync(folder, { recursive: true })) {
    if (!file.endsWith(".ts") || file.startsWith("internal")) continue
    const path = `${folder}/${file}`
    const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true)
    const overloads = new Set()
    for (const node of source.statements) {
      if (!node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue
      const name = (node.name ?? node.declarationList.declarations[0].name).getText()
      if (ts.isFunctionDeclaration(node) && overloads.has(name)) continue // the first overload has the docs
      overloads.add(name)
      checkExport(node, `${path}:${lineAt(source.text, node.getStart())} ${name}`)
      if (!ts.isClassDeclaration(node)) continue
      const members = node.members.filter((member) => !ts.isMethodDeclaration(member))
      for (const documented of [node, ...members]) collectExamples(documented, source, path.replaceAll(/[/.]/g, "-"))
    }
  }
}

// The README's programs. One under the name of a file is that file, word for word; it is checked and run where it stands.
const readme = readFileSync("README.md", "utf8")
for (const block of blocks(readme)) {
  const file = /<!-- (\S+) -->\n+$/.exec(readme.slice(0, block.index))?.[1]
  const where = `README-${lineAt(readme, block.index)}`
  if (file === undefined) examples.set(where, block[1])
  else if (readFileSync(file, "utf8") !== block[1]) problems.push(`${where} is not what ${file} has`)
}

// They are checked and run from a folder of the workspace's that has every package at hand.
const folder = "examples/.docs"
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const [name, code] of examples) writeFileSync(`${folder}/${name}.ts`, code)
const run = [...examples.keys()].map((name) => `console.log("# ${name}")\nawait import("./${name}.js")\n`)
writeFileSync(`${folder}/run.ts`, `export {}\n${run.join("")}`)
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
  ["tsx", `${folder}/run.ts`]
]) {
  const { error, status, stderr, stdout } = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 })
  if (status !== 0) {
    problems.push(`An example fails with ${command}:\n${stdout}${stderr}${error ?? ""}`)
    break
  }
}

if (problems.length > 0) {
  console.error(problems.join("\n"))
  process.exit(1)
}
console.log(`${examples.size} more examples run.`)
