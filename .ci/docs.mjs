// What docgen leaves open. It wants a description, a @since and an example of every export, and runs the examples, but for
// those of classes, which most of ours are. It wants a category of nobody. Of the README it knows nothing.
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import ts from "typescript"

const problems = []
const examples = new Map() // name of the file to be → code

const blocks = (text) => [...text.matchAll(/^```ts\n(.*?)^```$/gms)]
const lineAt = (text, index) => text.slice(0, index).split("\n").length

/** A doc comment without its stars. The lines stay where they are. */
const plain = (comment) => comment.getText().replace(/^ *\*(\/| ?)/gm, "")

const collectExamples = (node, source, name) => {
  for (const comment of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
    for (const block of blocks(plain(comment))) {
      const line = lineAt(source.text, comment.getStart()) + lineAt(plain(comment), block.index) - 1
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
      if (!ts.isModuleDeclaration(node) && !ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "category")) {
        problems.push(`${path}:${lineAt(source.text, node.getStart())} ${name} has no @category`)
      }
      if (!ts.isClassDeclaration(node)) continue
      const members = node.members.filter((member) => !ts.isMethodDeclaration(member))
      for (const documented of [node, ...members]) collectExamples(documented, source, path.replaceAll(/[/.]/g, "-"))
    }
  }
}

// The README's programs. The first is a file's, word for word, and is checked and run elsewhere: it talks to plex.tv.
const readme = readFileSync("README.md", "utf8")
const [first, ...programs] = blocks(readme)
if (first?.[1] !== readFileSync("examples/get-token.ts", "utf8")) {
  problems.push("The first program of README.md is not what examples/get-token.ts has")
}
for (const block of programs) examples.set(`README-${lineAt(readme, block.index)}`, block[1])

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
