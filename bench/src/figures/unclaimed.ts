import { PlexAuth, PlexAuthTest, SignIn } from "@plex-auth/core"
import type { Pin } from "@plex-auth/core"
import { Clock, Duration, Effect, Fiber, Layer, TestClock, TestContext } from "effect"
import { printTable } from "../support/print.js"
import { median } from "../support/statistics.js"

const samples = 30

/** When a wait looks at a PIN that nobody claims, in milliseconds from its start. On TestClock: nothing is waited for. */
const looksAt = (makePin: Effect.Effect<Pin>) =>
  Effect.gen(function* () {
    const looks = new Array<number>()
    const getToken = () =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        looks.push(now)
        return PlexAuthTest.pending()
      })
    const pin = yield* makePin
    const fiber = yield* SignIn.wait(pin).pipe(
      Effect.provide(Layer.mock(PlexAuth, { getToken })),
      Effect.exit,
      Effect.fork
    )
    yield* TestClock.adjust(Duration.sum(pin.expiresIn, "1 minute"))
    yield* Fiber.join(fiber)
    return looks
  }).pipe(Effect.provide(TestContext.TestContext))

/** How long a claim at a random moment of the first two minutes is not noticed. */
const unnoticed = (looks: ReadonlyArray<number>): number => {
  const claim = Math.random() * 120_000
  return (looks.find((look) => look >= claim) ?? Number.POSITIVE_INFINITY) - claim
}

const row = async (pin: string, makePin: Effect.Effect<Pin>, peers: string) => {
  const waits = await Effect.runPromise(Effect.all(Array.from({ length: samples }, () => looksAt(makePin))))
  const counts = waits.map(({ length }) => length)
  const delays = Array.from({ length: 100 }, () => waits.map(unnoticed)).flat()
  return [pin, median(counts).toFixed(0), Math.max(...counts).toFixed(0), peers, (median(delays) / 1_000).toFixed(2)]
}

/** Requests for a PIN that nobody claims. Plex names once a second. */
export const unclaimed = async (): Promise<void> => {
  printTable(
    `Requests for a PIN that nobody claims (${samples} waits)`,
    ["PIN", "median", "most", "once a second", "s to notice an early claim, median"],
    [
      await row("link, 900 s", PlexAuthTest.linkPin(), "900"),
      await row("strong, 1,800 s", PlexAuthTest.strongPin(), "1,800")
    ]
  )
}
