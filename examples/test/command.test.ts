import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Flag, Port, readOptions, Seconds } from "../command.js"

const read = (...args: ReadonlyArray<string>) =>
  readOptions(
    args,
    { live: { type: "boolean" }, port: { type: "string" }, after: { type: "string" } },
    Schema.Struct({
      live: Schema.optionalWith(Flag, { exact: true }),
      port: Schema.optionalWith(Port, { exact: true }),
      after: Schema.optionalWith(Seconds, { exact: true })
    })
  )

const port = "--port must be a whole number from 0 to 65535"

describe("readOptions", () => {
  for (const [args, expected] of [
    [[], {}],
    [["--live"], { live: true }],
    [["--port", "0", "--after=600"], { port: 0, after: 600 }],
    [["--port", "1", "--port", "65535"], { port: 65_535 }],
    [["--", "--live"], { live: true }]
  ] as const) {
    it.effect(`reads ${JSON.stringify(args)}`, () =>
      Effect.map(read(...args), (options) => assert.deepStrictEqual({ ...options }, expected))
    )
  }

  for (const [args, problem] of [
    [["--prot", "1"], "There is no option --prot"],
    [["-x"], "There is no option -x"],
    [["--toString"], "There is no option --toString"],
    [["--no-live"], "There is no option --no-live"],
    [["stray"], '"stray" is not an option'],
    [["--live", "stray"], '"stray" is not an option'],
    [["--live=1"], "--live takes no value"],
    [["--port"], port],
    [["--port", ""], port],
    [["--port", " 1"], port],
    [["--port", "-1"], port],
    [["--port", "1.5"], port],
    [["--port", "0x10"], port],
    [["--port", "65536"], port],
    [["--port", "http"], port],
    [["--port", "--live"], port],
    [["--after", "601"], "--after must be a whole number from 0 to 600"]
  ] as const) {
    it.effect(`refuses ${JSON.stringify(args)}`, () =>
      Effect.map(Effect.flip(read(...args)), (error) => {
        assert.strictEqual(error.message, `${problem}. Try --help.`)
        assert.strictEqual(error.exitCode, 2)
      })
    )
  }
})
