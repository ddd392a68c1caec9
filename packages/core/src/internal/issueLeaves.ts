import type { ParseIssue } from "effect/ParseResult"

/** What is wrong at one place of an input. */
export interface IssueLeaf {
  readonly path: ReadonlyArray<PropertyKey>
  readonly isMissing: boolean
}

/**
 * The places that a parse issue is about. Effect's formatters print the values too, which may be secret, and overflow the
 * stack on a value that is nested deep.
 */
export const issueLeaves = (issue: ParseIssue): ReadonlyArray<IssueLeaf> => {
  switch (issue._tag) {
    case "Pointer":
      return issueLeaves(issue.issue).map(({ isMissing, path }) => ({ isMissing, path: [issue.path, path].flat(2) }))
    case "Composite":
      return [issue.issues].flat().flatMap(issueLeaves)
    case "Refinement":
    case "Transformation":
      return issueLeaves(issue.issue)
    case "Missing":
      return [{ path: [], isMissing: true }]
    default:
      return [{ path: [], isMissing: false }]
  }
}
