import * as Schema from "effect/Schema"
import { redactedText } from "./redactedText.js"
import { rules, saying } from "./rules.js"

/** A token of its own brand, in a `Redacted`: characters that may stand in a header. */
export const redactedToken = <const Brand extends string>(brand: Brand) =>
  redactedText(
    Schema.String.pipe(Schema.pattern(/^[\x21-\x7e]{1,8192}$/, saying(rules.token)), Schema.brand(brand)),
    rules.token
  )
