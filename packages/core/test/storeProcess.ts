/**
 * A process that saves accounts into a file, with umask 000: `storeProcess.ts PATH FIRST COUNT [STEP]`. At the step named
 * (a call of the file system, before it is made) it is killed.
 */
import { FileSystem } from "@effect/platform"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Effect } from "effect"
import { credentialsOf } from "./storeSamples.js"
import { fileSystemAround, openFileOn } from "./storeSupport.js"

const [, , path = "", first, count, step] = process.argv

process.umask(0)

const program = Effect.gen(function* () {
  const fs = fileSystemAround(yield* FileSystem.FileSystem, (name, call) =>
    Effect.suspend(() => {
      if (name === step) process.kill(process.pid, "SIGKILL")
      return call
    })
  )
  const store = yield* openFileOn(path, fs)
  for (let i = 0; i < Number(count); i++) yield* store.save(credentialsOf(Number(first) + i, "someone"))
}).pipe(Effect.provide(NodeFileSystem.layer))

await Effect.runPromise(program)
