import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

type Fields = Readonly<Record<string, unknown>>

/** What a field is decoded to, or `Left` where it is wrong. */
type Reader = (actual: unknown) => Either.Either<unknown, unknown>

const ReaderId = Symbol("plex-auth/Reader")

/** Annotates a field that is a transformation with what {@link inOneStep} is to read it by. */
export const readBy = (reader: Reader) => ({ [ReaderId]: reader })

const readerOf = ({ ast }: Schema.Struct.Field): Reader =>
  ast._tag === "PropertySignatureTransformation"
    ? Option.getOrElse(AST.getAnnotation<Reader>(ReaderId)(ast.to), () => Either.left)
    : ParseResult.decodeUnknownEither(Schema.make(ast._tag === "PropertySignatureDeclaration" ? ast.type : ast))

const readOnce = (ast: AST.Transformation, fields: Schema.Struct.Fields): AST.Transformation => {
  const readers = Object.entries(fields).map(([name, field]) => [name, readerOf(field)] as const)
  const fieldsOf = (input: unknown): Fields | undefined => {
    if (!Predicate.isReadonlyRecord(input)) return undefined
    const read: Record<string, unknown> = {}
    for (const [name, reader] of readers) {
      const value = reader(input[name])
      if (Either.isLeft(value)) return undefined
      // What was left out is left out.
      if (value.right !== undefined || Object.hasOwn(input, name)) read[name] = value.right
    }
    return read
  }
  const ofClass = Schema.make<Fields>(ast.from)
  const decode = ParseResult.decode(ofClass)
  const encode = ParseResult.encode(ofClass)
  const encoded = Schema.declare((input: unknown): input is Fields => Object.is(input, input), {
    [AST.SurrogateAnnotationId]: AST.encodedAST(ast.from)
  })
  const from = Schema.transformOrFail(encoded, Schema.Any, {
    strict: true,
    decode: (input, options) => {
      const read = (options.onExcessProperty ?? "ignore") !== "ignore" ? undefined : fieldsOf(input)
      return read === undefined ? decode(input, options) : ParseResult.succeed(read)
    },
    encode: (fields: Fields, options) => encode(fields, options)
  })
  return new AST.Transformation(from.ast, ast.to, ast.transformation, {
    ...ast.annotations,
    // By which JSON Schema names it, as it does what `Schema.Class` made.
    [AST.JSONIdentifierAnnotationId]: Option.getOrUndefined(AST.getIdentifierAnnotation(ast.to))
  })
}

/**
 * A class that decodes by reading each field once. As `Schema.Class` makes it, decoding goes through the fields four times
 * and judges again what it has just made: `bench/README.md` says what that takes. What has a field that is wrong is left to
 * it, so that all there is to say is said; a class that extends this one is, too.
 */
export const inOneStep = (target: {
  readonly ast: AST.Transformation
  readonly fields: Schema.Struct.Fields
}): void => {
  const made = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), "ast")
  const ast = readOnce(target.ast, target.fields)
  Object.defineProperty(target, "ast", {
    get(this: unknown): unknown {
      return this === target ? ast : made?.get?.call(this)
    }
  })
}
