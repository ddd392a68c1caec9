/** A table in Markdown, as it goes into the README. */
export const printTable = (title: string, head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) => {
  const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
  console.log(`\n### ${title}\n`)
  console.log([line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n"))
}

export const ratio = (value: number, of: number): string => (value / of).toFixed(2)
