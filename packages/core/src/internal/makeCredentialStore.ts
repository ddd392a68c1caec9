import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import { ClientIdentifier } from "../ClientIdentifier.js"
import type { CredentialStore } from "../CredentialStore.js"
import { randomHex } from "./randomHex.js"
import type { StoreBacking } from "./StoreBacking.js"
import { decodeDocument, emptyDocument, encodeDocument } from "./storeDocument.js"
import type { StoreDocument } from "./storeDocument.js"

/** A store over one text. */
export const makeCredentialStore = (backing: StoreBacking): CredentialStore.Service => {
  const semaphore = Effect.unsafeMakeSemaphore(1)

  const read = Effect.flatMap(
    backing.read,
    Option.match({
      onNone: () => Effect.succeed(emptyDocument),
      onSome: (text) => decodeDocument(backing.where, text)
    })
  )

  const get = <A>(select: (document: StoreDocument) => A) => Effect.map(read, select)

  const change = (f: (document: StoreDocument) => StoreDocument) =>
    Effect.map(read, (document) => {
      const changed = f(document)
      const text = encodeDocument(changed)
      return { changed, text, isSame: text === encodeDocument(document) }
    })

  const modify = (
    f: (document: StoreDocument) => StoreDocument
  ): Effect.Effect<StoreDocument, CredentialStore.Error> => {
    const changeStored = backing.exclusively((write) =>
      Effect.tap(change(f), ({ isSame, text }) => (isSame ? Effect.void : write(text)))
    )
    return change(f).pipe(
      // Nothing to change is nothing to lock: a store that can only be read will do.
      Effect.flatMap((found) => (found.isSame ? Effect.succeed(found) : changeStored)),
      semaphore.withPermits(1),
      Effect.map(({ changed }) => changed)
    )
  }

  const update = (f: (document: StoreDocument) => StoreDocument) => Effect.asVoid(modify(f))

  const clientIdentifier = Effect.flatMap(randomHex, (hex) => {
    const made = ClientIdentifier.make(hex)
    const known = (document: StoreDocument) => Option.getOrElse(document.clientIdentifier, () => made)
    return modify((document) => ({ ...document, clientIdentifier: Option.some(known(document)) })).pipe(
      Effect.map(known)
    )
  })

  const withoutToken = (document: StoreDocument, token: CredentialStore.Unverified["token"]) => ({
    ...document,
    unverified: Option.filter(document.unverified, (unverified) => !Equal.equals(unverified.token, token))
  })

  return {
    clientIdentifier,
    pending: get(({ pending }) => pending),
    savePending: (pin) => update((document) => ({ ...document, pending: Option.some(pin) })),
    forgetPending: update((document) => ({ ...document, pending: Option.none() })),
    unverified: get(({ unverified }) => unverified),
    saveToken: (unverified) =>
      update((document) => ({ ...document, pending: Option.none(), unverified: Option.some(unverified) })),
    forgetToken: (token) => update((document) => withoutToken(document, token)),
    credentials: get(({ credentials }) => credentials),
    save: (saved) =>
      update((document) => ({
        ...withoutToken(document, saved.token),
        credentials: [saved, ...document.credentials.filter(({ account }) => account.id !== saved.account.id)]
      })),
    remove: (accountId) =>
      update((document) => ({
        ...document,
        credentials: document.credentials.filter(({ account }) => account.id !== accountId)
      }))
  }
}
