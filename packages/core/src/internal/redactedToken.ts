import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { rules, saying } from "./rules.js"

/** A token of its own brand, in a `Redacted`: characters that may stand in a header. */
export const redactedToken = <const Brand extends string>(brand: Brand) => {
  const Characters = Schema.String.pipe(
    Schema.pattern(/^[\x21-\x7e]{1,8192}$/, saying(rules.token)),
    Schema.brand(brand)
  )
  const isCharacters = Schema.is(Characters)
  return Schema.transformOrFail(Schema.String.annotations(saying(rules.token)), Schema.RedactedFromSelf(Characters), {
    strict: true,
    // Redacted before it is judged: a parse issue keeps, and may print, the value that it is about.
    decode: (text, _, ast) =>
      isCharacters(text)
        ? ParseResult.succeed(Redacted.make(text))
        : ParseResult.fail(new ParseResult.Type(ast, Redacted.make(text), rules.token)),
    encode: (token) => ParseResult.succeed(Redacted.value(token))
  })
}
