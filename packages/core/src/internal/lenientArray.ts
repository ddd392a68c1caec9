import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

/** A list of which each item stands for itself: one that can't be read is left out, and takes no other with it. */
export const lenientArray = <A, I>(item: Schema.Schema<A, I>) => {
  const decode = Schema.decodeUnknownOption(item)
  const encode = Schema.encodeSync(item)
  return Schema.transform(Schema.Array(Schema.Unknown), Schema.Array(Schema.typeSchema(item)), {
    strict: true,
    decode: (items) => Arr.filterMap(items, (each) => decode(each)),
    encode: (items) => items.map((each) => encode(each))
  })
}

/** A list that no result depends on: what is no list is an empty one. */
export const lenientList = <A, I>(item: Schema.Schema<A, I>) =>
  Schema.optionalWith(lenientArray(item).annotations({ decodingFallback: () => Either.right<ReadonlyArray<A>>([]) }), {
    default: (): ReadonlyArray<A> => []
  })
