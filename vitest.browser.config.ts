import { defineConfig } from "vitest/config"

// What needs more than Node: Chromium, or a Redis server. `.ci/run` installs both.
export default defineConfig({
  test: {
    include: ["{packages/*,examples}/test/browser/**/*.browser.ts", "examples/test/redis/**/*.redis.ts"],
    testTimeout: 60_000
  }
})
