import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { readBy } from "./inOneStep.js"

/** Lets everything through: what comes is judged once, by the field that it is for. */
const unjudged = <I>(jsonSchema: object) =>
  Schema.declare((actual: unknown): actual is I | null | undefined => Object.is(actual, actual), { jsonSchema })

/**
 * A field that no result depends on: missing, null or of another type, it is `None` and fails nothing. `read` says what comes
 * of what Plex sent, which is what the schema decodes unless said otherwise. `type` is its type in JSON.
 */
export const lenient = <A, I>(
  schema: Schema.Schema<A, I>,
  type: "string" | "boolean" | "number" | "object",
  read: (actual: unknown) => Option.Option<A> = Schema.decodeUnknownOption(schema)
) => {
  const encode = Schema.encodeOption(schema)
  return Schema.optionalToRequired(
    unjudged<I>({ anyOf: [{ type }, { type: "null" }] }),
    Schema.OptionFromSelf(Schema.typeSchema(schema)),
    {
      decode: Option.flatMap(read),
      encode: (value) => Option.some(Option.getOrNull(Option.flatMap(value, encode)))
    }
  )
    .pipe(Schema.withConstructorDefault(() => Option.none<A>()))
    .annotations(readBy((actual) => Either.right(read(actual))))
}

/** Plex has sent `"0"` for `false`. */
export const lenientBoolean = lenient(Schema.Boolean, "boolean", (actual) =>
  typeof actual === "boolean"
    ? Option.some(actual)
    : actual === "0" || actual === 0 || actual === "false"
      ? Option.some(false)
      : actual === "1" || actual === 1 || actual === "true"
        ? Option.some(true)
        : Option.none()
)

const string = Option.liftPredicate(Predicate.isString)

export const lenientString = lenient(Schema.String, "string", string)

/** A text that is secret or personal. */
export const lenientSecret = lenient(Schema.Redacted(Schema.String), "string", (actual) =>
  Option.map(string(actual), Redacted.make)
)

const Seconds = Schema.transform(Schema.JsonNumber.pipe(Schema.nonNegative()), Schema.DurationFromSelf, {
  strict: true,
  decode: Duration.seconds,
  encode: Duration.toSeconds
})

/** A length of time that Plex sends as a number of seconds. */
export const lenientSeconds = lenient(Seconds, "number", (actual) => {
  const seconds = typeof actual === "string" && /^[0-9]{1,15}$/.test(actual) ? Number(actual) : actual
  return typeof seconds === "number" && seconds >= 0 && Number.isFinite(seconds)
    ? Option.some(Duration.seconds(seconds))
    : Option.none()
})

/** ISO 8601, or `2023-04-12 17:00:03 +0000 UTC`, as the seed's SDK has it in its examples. */
export const lenientDate = lenient(Schema.DateTimeUtc, "string", (actual) =>
  Option.flatMap(string(actual), (text) =>
    Option.orElse(DateTime.make(text), () => DateTime.make(text.replace(/ \+0000 UTC$/, "Z").replace(" ", "T")))
  )
)
