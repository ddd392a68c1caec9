import { defineConfig } from "vitest/config"

// What needs more than Node, that is Chromium, a Redis server or Python (`.ci/run` installs them), or its time: each run of
// an example is a process.
export default defineConfig({
  test: {
    include: [
      "{packages/*,examples}/test/browser/**/*.browser.ts",
      "packages/http/test/interop/**/*.interop.ts",
      "examples/test/redis/**/*.redis.ts",
      "examples/test/**/*.process.ts"
    ],
    testTimeout: 60_000
  }
})
