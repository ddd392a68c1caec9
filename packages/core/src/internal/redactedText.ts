import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { saying } from "./rules.js"

/** A secret text, in a `Redacted` before it is judged: a parse issue keeps, and may print, the value that it is about. */
export const redactedText = <A extends string>(form: Schema.Schema<A, string>, rule: string) => {
  const isOfForm = Schema.is(form)
  return Schema.transformOrFail(
    Schema.String.annotations(saying(rule)),
    Schema.RedactedFromSelf(Schema.typeSchema(form)),
    {
      strict: true,
      decode: (text, _, ast) =>
        isOfForm(text)
          ? ParseResult.succeed(Redacted.make(text))
          : ParseResult.fail(new ParseResult.Type(ast, Redacted.make(text), rule)),
      encode: (secret) => ParseResult.succeed(Redacted.value(secret))
    }
  )
}
