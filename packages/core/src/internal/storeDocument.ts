import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AccessToken } from "../AccessToken.js"
import { ClientIdentifier } from "../ClientIdentifier.js"
import { Credentials } from "../Credentials.js"
import { StoreDamaged } from "../CredentialStoreError.js"
import { DeviceKey } from "../DeviceKey.js"
import { issuePaths } from "../issuePaths.js"
import { Pin } from "../Pin.js"

const optionally = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { as: "Option", exact: true })

const Unverified = Schema.Struct({ token: AccessToken, clientIdentifier: ClientIdentifier })

/** All that a store holds. What a newer library adds comes with a newer version: members not named here are dropped. */
const StoreDocument = Schema.Struct({
  version: Schema.Literal(1),
  clientIdentifier: optionally(ClientIdentifier),
  deviceKey: optionally(DeviceKey),
  pending: optionally(Pin),
  unverified: optionally(Unverified),
  issued: optionally(Unverified),
  credentials: Schema.Array(Credentials),
  /** Whose turn it is to refresh, and until when, in milliseconds by this machine's clock. */
  turn: optionally(Schema.Struct({ holder: Schema.String, until: Schema.Number }))
})

export type StoreDocument = typeof StoreDocument.Type

export const emptyDocument: StoreDocument = {
  version: 1,
  clientIdentifier: Option.none(),
  deviceKey: Option.none(),
  pending: Option.none(),
  unverified: Option.none(),
  issued: Option.none(),
  credentials: [],
  turn: Option.none()
}

const decode = Schema.decodeUnknownEither(StoreDocument, { errors: "all" })

const encode = Schema.encodeEither(StoreDocument)

// Not Schema.parseJson: the engine's message quotes the text around the fault, which may be a token.
const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

/** Reads a document. What it says of one that is wrong quotes nothing of it. */
export const decodeDocument = (where: string, text: string): Either.Either<StoreDocument, StoreDamaged> =>
  Option.match(parseJson(text), {
    onNone: () => Either.left(new StoreDamaged({ where, issues: [] })),
    onSome: (json) =>
      Either.mapLeft(decode(json), (error) => new StoreDamaged({ where, issues: [...issuePaths(error)] }))
  })

/** Writes a document. What is no document is a mistake in a program, which is told where it is and not what. */
export const encodeDocument = (document: StoreDocument): string =>
  Either.match(encode(document), {
    onLeft: (error) => {
      throw new TypeError(`This cannot be stored: ${issuePaths(error).join(", ")} must be made by its schema.`)
    },
    onRight: (encoded) => JSON.stringify(encoded, undefined, 2) + "\n"
  })
