import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"

type Fields = Readonly<Record<string, unknown>>

/** Reads a field. What a lenient one reads always comes to something. */
type Reader =
  | { readonly read: (actual: unknown) => Option.Option<unknown> }
  | ((actual: unknown) => Either.Either<unknown, unknown>)

/**
 * The AST of a class, with each field read once. As `Schema.Class` makes it, decoding goes through the fields four times and
 * judges again what it has just made: `bench/README.md` says what that takes. What has a field that is wrong is left to it,
 * so that all there is to say is said.
 */
export const inOneStep = (ast: AST.Transformation, readers: Readonly<Record<string, Reader>>): AST.Transformation => {
  const all = Object.entries(readers)
  const fieldsOf = (input: unknown): Fields | undefined => {
    if (!Predicate.isReadonlyRecord(input)) return undefined
    const fields: Record<string, unknown> = {}
    for (const [name, reader] of all) {
      if (typeof reader === "function") {
        const value = reader(input[name])
        if (Either.isLeft(value)) return undefined
        // What was left out is left out.
        if (value.right !== undefined || Object.hasOwn(input, name)) fields[name] = value.right
      } else fields[name] = reader.read(input[name])
    }
    return fields
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
      const fields = (options.onExcessProperty ?? "ignore") !== "ignore" ? undefined : fieldsOf(input)
      return fields === undefined ? decode(input, options) : ParseResult.succeed(fields)
    },
    encode: (fields: Fields, options) => encode(fields, options)
  })
  return new AST.Transformation(from.ast, ast.to, ast.transformation, {
    ...ast.annotations,
    // By which JSON Schema names it, as it does what `Schema.Class` made.
    [AST.JSONIdentifierAnnotationId]: Option.getOrUndefined(AST.getIdentifierAnnotation(ast.to))
  })
}
