import * as Schema from "effect/Schema"
import { rules, saying } from "./rules.js"

/** One half of an Ed25519 key: 32 bytes, in base64url. */
export const KeyBytes = Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_-]{43}$/, saying(rules.key)))
