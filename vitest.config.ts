import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

// Left to itself, Vitest keeps one core free, which on two of them is half the machine.
const workers = Math.max(2, availableParallelism() - 1)

// Where `.ci/run` wants a report to count the tests by.
const report = process.env["TEST_REPORT"]

export default defineConfig({
  test: {
    include: ["{packages/*,examples}/test/**/*.test.ts"],
    // Workers that stay, and projects that are one, so that each worker loads Effect once.
    pool: "threads",
    isolate: false,
    maxWorkers: workers,
    minWorkers: workers,
    // No test waits for a real clock: these are for machines that have something else to do.
    testTimeout: 20_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]]
  }
})
