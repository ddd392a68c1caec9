import { defineConfig } from "vitest/config"

const project = (name: string, root: string) => ({
  test: { name, root, include: ["test/**/*.test.ts"], isolate: false }
})

// Where `.ci/run` wants a report to count the tests by.
const report = process.env["TEST_REPORT"]

export default defineConfig({
  test: {
    projects: [project("core", "packages/core"), project("http", "packages/http"), project("examples", "examples")],
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]]
  }
})
