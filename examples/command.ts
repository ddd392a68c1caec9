/** What a program is to the shell that runs it: arguments, exit codes, signals. */
import { Cause, Console, Data, Effect, Schema } from "effect"
import { ArrayFormatter } from "effect/ParseResult"
import { parseArgs } from "node:util"
import type { ParseArgsConfig } from "node:util"

/** Why a program ends without having done what it is for; the message is for the person who started it. */
export class Failed extends Data.TaggedError("Failed")<{ readonly message: string; readonly exitCode: number }> {}

const badArguments = (problem: string) => new Failed({ message: `${problem}. Try --help.`, exitCode: 2 })

const wholeNumber = (most: number) =>
  Schema.String.pipe(
    // A number in JavaScript may also be blank, or 0x10.
    Schema.pattern(/^[0-9]+$/),
    Schema.compose(Schema.NumberFromString),
    Schema.lessThanOrEqualTo(most),
    Schema.annotations({
      message: () => ({ message: `must be a whole number from 0 to ${most}`, override: true })
    })
  )

export const Port = wholeNumber(65_535)

export const Seconds = wholeNumber(600)

/** An option that is there or not. */
export const Flag = Schema.Literal(true).annotations({ message: () => "takes no value" })

/** Reads options; there are no other arguments. A lone `--` is let through: npm's users put one before the options. */
export const readOptions = <A, I>(
  args: ReadonlyArray<string>,
  options: NonNullable<ParseArgsConfig["options"]>,
  schema: Schema.Schema<A, I>
): Effect.Effect<A, Failed> =>
  Effect.suspend(() => {
    // Not strict, since what node:util says to wrong arguments is advice for other programs.
    const { tokens, values } = parseArgs({
      args: args.filter((arg) => arg !== "--"),
      options,
      strict: false,
      tokens: true
    })
    const strangers = tokens.flatMap((token) =>
      token.kind === "positional"
        ? [`"${token.value}" is not an option`]
        : token.kind === "option" && !Object.hasOwn(options, token.name)
          ? [`There is no option ${token.rawName}`]
          : []
    )
    if (strangers[0] !== undefined) return badArguments(strangers[0])
    return Effect.mapError(Schema.decodeUnknown(schema)(values), (error) =>
      badArguments(
        ArrayFormatter.formatErrorSync(error)
          .map(({ message, path }) => `--${path.join(".")} ${message}`)
          .join(", ")
      )
    )
  })

/** The program is to end at once, and is not to blame. */
class Stopped extends Data.TaggedError("Stopped")<{ readonly exitCode: number }> {}

const stopped = Effect.async<never, Stopped | Failed>((resume) => {
  // A second signal finds no listener, and ends the process the hard way.
  process.once("SIGINT", () => resume(Effect.fail(new Stopped({ exitCode: 130 }))))
  process.once("SIGTERM", () => resume(Effect.fail(new Stopped({ exitCode: 143 }))))
  // Stays, since each later write fails too.
  process.stdout.on("error", (error: NodeJS.ErrnoException) =>
    resume(
      error.code === "EPIPE"
        ? Effect.fail(new Stopped({ exitCode: 0 }))
        : Effect.fail(new Failed({ message: `Can't write the output (${error.code ?? error.message}).`, exitCode: 1 }))
    )
  )
})

/**
 * Runs a program to its end, or until a signal (exit codes 130 and 143) or until nobody reads its output any more (0).
 * What it failed with becomes a sentence on stderr and an exit code, 1 unless the error has one. An empty sentence was said before.
 */
export const run = (
  program: Effect.Effect<void, { readonly message: string; readonly exitCode?: number }>
): Promise<void> =>
  program.pipe(
    Effect.raceFirst(stopped),
    Effect.catchAll((error) =>
      Effect.gen(function* () {
        const { exitCode = 1 } = error
        // Not left to the event loop: a look-up of a name can't be interrupted, and would hold the process.
        if (error instanceof Stopped) process.exit(exitCode)
        if (error.message !== "") yield* Console.error(error.message)
        process.exitCode = exitCode
      })
    ),
    Effect.catchAllCause((cause) =>
      Effect.gen(function* () {
        yield* Console.error(Cause.pretty(cause))
        process.exitCode = 1
      })
    ),
    Effect.runPromise
  )
