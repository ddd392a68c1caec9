/** What a program can ask the desktop for, if there is one. */
import clipboard from "clipboardy"
import { Effect } from "effect"
import open from "open"

const hasDesktop =
  process.platform !== "linux" || process.env["DISPLAY"] !== undefined || process.env["WAYLAND_DISPLAY"] !== undefined

/** Whether it was done. There may be no browser, no clipboard, nobody in front of the machine: none of it is an error. */
const whetherDone = (ask: () => Promise<unknown>) =>
  hasDesktop
    ? Effect.tryPromise(ask).pipe(
        Effect.as(true),
        Effect.timeoutTo({ duration: "3 seconds", onSuccess: (done) => done, onTimeout: () => false }),
        Effect.orElseSucceed(() => false)
      )
    : Effect.succeed(false)

/** Opens a page in the user's browser. */
export const opened = (url: string): Effect.Effect<boolean> => whetherDone(() => open(url))

/** Puts a text on the clipboard. */
export const copied = (text: string): Effect.Effect<boolean> => whetherDone(() => clipboard.write(text))
