import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { saying } from "./rules.js"

/** A secret text of the form given, in a `Redacted` before it is judged: a parse issue keeps, and may print, its value. */
export const redactedText = (form: RegExp, rule: string) =>
  Schema.transformOrFail(Schema.String.annotations(saying(rule)), Schema.RedactedFromSelf(Schema.String), {
    strict: true,
    decode: (text, _, ast) =>
      form.test(text)
        ? ParseResult.succeed(Redacted.make(text))
        : ParseResult.fail(new ParseResult.Type(ast, Redacted.make(text), rule)),
    encode: (secret) => ParseResult.succeed(Redacted.value(secret))
  })
