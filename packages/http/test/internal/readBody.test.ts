import { HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { readBody } from "../../src/internal/readBody.js"

const KiB = 1024

afterEach(() => {
  vi.unstubAllGlobals()
})

/** An answer of 4 MiB that counts what is taken of it, and says otherwise in its headers. */
const large = (headers: Readonly<Record<string, string>>) => {
  const answer = { taken: 0 }
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      answer.taken += 64 * KiB
      controller.enqueue(new Uint8Array(64 * KiB).fill(0x20))
      if (answer.taken === 4 * KiB * KiB) controller.close()
    }
  })
  const response = HttpClientResponse.fromWeb(HttpClientRequest.get("/"), new Response(body, { headers }))
  return { answer, read: Effect.flip(readBody(response)) }
}

describe("readBody", () => {
  it.effect("case 11: a short body is read whole", () =>
    Effect.gen(function* () {
      const web = new Response("{}", { headers: { "content-length": "2" } })
      const body = yield* readBody(HttpClientResponse.fromWeb(HttpClientRequest.get("/"), web))
      assert.deepStrictEqual(body, { text: "{}", length: 2 })
    })
  )

  for (const [name, headers] of [
    ["is compressed", { "content-length": "100", "content-encoding": "gzip" }],
    ["comes in chunks", { "content-length": "100", "transfer-encoding": "chunked" }],
    ["has no length that can be read", { "content-length": "100, 100" }],
    ["has an empty length", { "content-length": "" }],
    ["says that it is too large", { "content-length": String(4 * KiB * KiB) }],
    ["does not say how large it is", {}]
  ] as const) {
    it.effect(`case 27, threat 8: what ${name} is let go at the limit`, () =>
      Effect.gen(function* () {
        const { answer, read } = large(headers)
        assert.strictEqual(yield* read, "tooLarge")
        assert.isBelow(answer.taken, 1.5 * KiB * KiB)
      })
    )
  }

  it.effect("case 27, threat 8: in a page, where a compression may be hidden, no length is believed", () =>
    Effect.gen(function* () {
      vi.stubGlobal("origin", "https://app.example")
      const { answer, read } = large({ "content-length": "100" })
      assert.strictEqual(yield* read, "tooLarge")
      assert.isBelow(answer.taken, 1.5 * KiB * KiB)
    })
  )

  it.effect("case 27: a client that gives more than its Content-Length is not believed", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* large({ "content-length": "100" }).read, "tooLarge")
    })
  )
})
