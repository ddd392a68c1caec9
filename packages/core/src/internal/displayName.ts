import * as Option from "effect/Option"

/** The first name that is not blank, without control characters, which a terminal would obey. */
export const displayName = (...names: ReadonlyArray<Option.Option<string>>): Option.Option<string> =>
  Option.firstSomeOf(
    names.map((name) =>
      name.pipe(
        Option.map((text) => text.replace(/\p{Cc}+/gu, " ").trim()),
        Option.filter((text) => text !== "")
      )
    )
  )
