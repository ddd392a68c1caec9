import { vi } from "@effect/vitest"
import { Effect, Layer, Logger, LogLevel, Tracer } from "effect"
import type { Scope } from "effect"

/** A span as a tracer gets to know it. */
export interface RecordedSpan extends Tracer.Span {
  readonly events: ReadonlyArray<readonly [name: string, attributes: unknown]>
}

/** A tracer that keeps each span, as a layer. */
export const recordingTracer = () => {
  const spans: Array<RecordedSpan> = []
  const tracer = Tracer.make({
    span: (name, parent, context, initialLinks, startTime, kind, options) => {
      const attributes = new Map<string, unknown>(Object.entries(options?.attributes ?? {}))
      const events: Array<readonly [name: string, attributes: unknown]> = []
      const links = [...initialLinks]
      let status: Tracer.SpanStatus = { _tag: "Started", startTime }
      const span: RecordedSpan = {
        _tag: "Span",
        spanId: (spans.length + 1).toString(16).padStart(16, "0"),
        traceId: "0123456789abcdef0123456789abcdef",
        sampled: true,
        name,
        parent,
        context,
        kind,
        attributes,
        links,
        events,
        get status() {
          return status
        },
        end: (endTime, exit) => {
          status = { _tag: "Ended", startTime, endTime, exit }
        },
        attribute: (key, value) => void attributes.set(key, value),
        event: (event, _startTime, details) => void events.push([event, details]),
        addLinks: (more) => void links.push(...more)
      }
      spans.push(span)
      return span
    },
    context: (run) => run()
  })
  return { spans, layer: Layer.setTracer(tracer) }
}

/** Every logger of Effect's own that makes text, at trace level; each line is kept. */
export const recordingLogger = () => {
  const lines: Array<string> = []
  const keep = (logger: Logger.Logger<unknown, string>) => Logger.map(logger, (line) => void lines.push(line))
  return {
    lines,
    layer: Layer.mergeAll(
      Logger.add(keep(Logger.stringLogger)),
      Logger.add(keep(Logger.logfmtLogger)),
      Logger.add(keep(Logger.jsonLogger)),
      Logger.add(Logger.prettyLogger({ colors: false })),
      Logger.minimumLogLevel(LogLevel.Trace)
    )
  }
}

/** All that is written to the console, to stdout and to stderr for the time of the scope. */
export const recordingConsole: Effect.Effect<ReadonlyArray<unknown>, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => {
      const written: Array<unknown> = []
      const methods = ["log", "info", "warn", "error", "debug", "trace", "group", "groupCollapsed"] as const
      const spies = [
        ...methods.map((method) =>
          vi.spyOn(console, method).mockImplementation((...args) => void written.push(...args))
        ),
        vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(text) > 0),
        vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(text) > 0)
      ]
      return { written, spies }
    }),
    ({ spies }) => Effect.sync(() => spies.forEach((spy) => spy.mockRestore()))
  ),
  ({ written }) => written
)
