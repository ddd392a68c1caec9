import { defineConfig } from "vitest/config"

// What needs more than Node, Chromium or a Redis server (`.ci/run` installs both), or more than a minute: each run of the
// command-line tool is a process.
export default defineConfig({
  test: {
    include: [
      "{packages/*,examples}/test/browser/**/*.browser.ts",
      "examples/test/redis/**/*.redis.ts",
      "examples/test/cli/**/*.process.ts"
    ],
    testTimeout: 60_000
  }
})
