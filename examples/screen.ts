import { Context, Effect, Layer, Schedule } from "effect"
import type { Scope } from "effect"
import type { WriteStream } from "node:tty"
import { largeLetters } from "./large-letters.js"

/** Where a program shows things to a person. */
export class Screen extends Context.Tag("examples/Screen")<Screen, Screen.Service>() {
  /** What goes to a terminal, or to a pipe or file, where nothing is styled and nothing written over. */
  static readonly layer = (out: WriteStream = process.stdout): Layer.Layer<Screen> =>
    Layer.sync(Screen, () => (out.isTTY && process.env["TERM"] !== "dumb" ? onTerminal(out) : inPipe(out)))
}

export declare namespace Screen {
  export interface Service {
    /** Whether somebody sits in front of it. */
    readonly isTerminal: boolean
    /** How many characters a line has room for. */
    readonly columns: () => number
    /** Lines that stay. */
    readonly print: (...lines: ReadonlyArray<string>) => Effect.Effect<void>
    /** A last line that is kept up to date until the scope closes. In a pipe it is there once, as it is at first. */
    readonly keepShowing: (text: Effect.Effect<string>) => Effect.Effect<void, never, Scope.Scope>
    /** Lines with the text as large as can be. */
    readonly large: (text: string) => ReadonlyArray<string>
    readonly strong: (text: string) => string
    /** As ink on paper, whatever the colours of the terminal are: a QR code is read by a camera. */
    readonly onPaper: (text: string) => string
    readonly faint: (text: string) => string
  }
}

const erase = "\r\x1b[2K"

const onTerminal = (out: WriteStream): Screen.Service => {
  // A terminal without a size says 0.
  const columns = () => (out.columns > 0 ? out.columns : 80)
  // Follows NO_COLOR and TERM.
  const styled = (codes: string) => (text: string) => (out.hasColors() ? `\x1b[${codes}m${text}\x1b[0m` : text)
  const strong = styled("1")
  let last = ""
  const show = (lines: ReadonlyArray<string>, status: string) =>
    Effect.sync(() => {
      out.write((last === "" ? "" : erase) + lines.map((line) => `${line}\n`).join("") + status)
      last = status
    })
  return {
    isTerminal: true,
    columns,
    print: (...lines) => Effect.suspend(() => show(lines, last)),
    keepShowing: (text) =>
      text.pipe(
        // A line that is wrapped can't be written over.
        Effect.flatMap((status) => show([], status.slice(0, columns() - 1))),
        Effect.repeat(Schedule.spaced("1 second")),
        Effect.ensuring(Effect.suspend(() => show([], ""))),
        Effect.forkScoped
      ),
    large: (text) => {
      const rows = largeLetters(text)
      if (rows.some((row) => row.length + 4 > columns())) return [`    ${strong(Array.from(text).join(" "))}`]
      // Yellow on yellow: blocks on the screen, letters where somebody copies it.
      const block = styled("33;43")
      return rows.map((row) => `    ${row.replaceAll(/#+/g, block)}`)
    },
    strong,
    onPaper: styled("97;40"),
    faint: styled("2")
  }
}

const inPipe = (out: NodeJS.WritableStream): Screen.Service => {
  const print = (...lines: ReadonlyArray<string>) =>
    Effect.sync(() => void out.write(lines.map((line) => `${line}\n`).join("")))
  return {
    isTerminal: false,
    columns: () => Number.POSITIVE_INFINITY,
    print,
    keepShowing: (text) => Effect.flatMap(text, (status) => print(status)),
    large: (text) => [`    ${text}`],
    strong: (text) => text,
    onPaper: (text) => text,
    faint: (text) => text
  }
}
