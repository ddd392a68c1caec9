/** Folders, files and failing file systems for the tests of a store. */
import { FileSystem, KeyValueStore } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import type { PlatformError } from "@effect/platform/Error"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import { CredentialStore } from "@plex-auth/core"
import { Effect, Layer } from "effect"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A folder that is gone after the test. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "plex-auth-store-"))),
  (folder) =>
    Effect.sync(() => {
      chmodSync(folder, 0o700)
      rmSync(folder, { recursive: true, force: true })
    })
)

export const platform = Layer.merge(NodeFileSystem.layer, NodePath.layer)

/** A store over a file, as one more process would open it. */
export const openFile = (path: string): Effect.Effect<CredentialStore.Service> =>
  Effect.provide(CredentialStore, Layer.provide(CredentialStore.layerFile(path), platform))

/** The same over a file system of the test. */
export const openFileOn = (path: string, fileSystem: FileSystem.FileSystem): Effect.Effect<CredentialStore.Service> =>
  CredentialStore.pipe(
    Effect.provide(CredentialStore.layerFile(path)),
    Effect.provideService(FileSystem.FileSystem, fileSystem),
    Effect.provide(NodePath.layer)
  )

/** Each kind of store. What `open` gives a second time is over the same content, as after a restart. */
export const kinds = {
  memory: Effect.map(Effect.provide(CredentialStore, CredentialStore.layerMemory), (store) => Effect.succeed(store)),
  KeyValueStore: Effect.map(Effect.provide(KeyValueStore.KeyValueStore, KeyValueStore.layerMemory), (keyValueStore) =>
    CredentialStore.pipe(
      Effect.provide(CredentialStore.layerKeyValueStore()),
      Effect.provideService(KeyValueStore.KeyValueStore, keyValueStore)
    )
  ),
  file: Effect.map(temporaryFolder, (folder) => openFile(join(folder, "made", "plex.json")))
}

export const systemError = (method: string, reason: SystemError["reason"] = "Unknown", cause?: unknown): SystemError =>
  new SystemError({ module: "FileSystem", method, reason, description: "CANARY-description", cause })

/** What a file system's call is answered with: by default, what it is. */
export type Around = <A, R>(
  name: string,
  call: Effect.Effect<A, PlatformError, R>
) => Effect.Effect<A, PlatformError, R>

/** A file system each call of which goes through `around`, those of open files too. */
export const fileSystemAround = (fs: FileSystem.FileSystem, around: Around): FileSystem.FileSystem => ({
  ...fs,
  readLink: (path) => around("readLink", fs.readLink(path)),
  stat: (path) => around("stat", fs.stat(path)),
  readFile: (path) => around("readFile", fs.readFile(path)),
  readDirectory: (path) => around("readDirectory", fs.readDirectory(path)),
  makeDirectory: (path, options) => around("makeDirectory", fs.makeDirectory(path, options)),
  remove: (path, options) => around("remove", fs.remove(path, options)),
  rename: (from, to) => around("rename", fs.rename(from, to)),
  open: (path, options) =>
    around("open", fs.open(path, options)).pipe(
      Effect.map((file) => ({
        [FileSystem.FileTypeId]: FileSystem.FileTypeId,
        fd: file.fd,
        stat: around("file.stat", file.stat),
        sync: around("file.sync", file.sync),
        writeAll: (bytes) => around("file.writeAll", file.writeAll(bytes)),
        write: (bytes) => file.write(bytes),
        read: (bytes) => file.read(bytes),
        readAlloc: (size) => file.readAlloc(size),
        seek: (offset, from) => file.seek(offset, from),
        truncate: (length) => file.truncate(length)
      }))
    )
})
