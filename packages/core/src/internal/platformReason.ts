import type { PlatformError } from "@effect/platform/Error"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"

const byCode: Readonly<Record<string, string>> = {
  EDQUOT: "the disk quota is used up",
  EIO: "the disk failed",
  EINVAL: "the system does not allow it there",
  ELOOP: "there are too many symbolic links on the way",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  ENOSPC: "no space is left on the disk",
  EPERM: "the system does not permit it",
  EROFS: "the disk can only be read"
}

const byReason: Readonly<Record<string, string>> = {
  AlreadyExists: "something else is already there",
  BadResource: "something on the way is not a folder, or is one in a file's place",
  Busy: "it is in use",
  NotFound: "something on the way is not there",
  PermissionDenied: "permission denied",
  TimedOut: "it took too long",
  WriteZero: "no space is left"
}

const codeOf = (cause: unknown): Option.Option<string> =>
  Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) ? Option.some(cause.code) : Option.none()

/** Why the platform could not do it, in words of ours: its own may quote anything. */
export const platformReason = (error: PlatformError): string =>
  codeOf(error.cause).pipe(
    Option.flatMapNullable((code) => byCode[code]),
    Option.orElse(() => Option.fromNullable(error._tag === "SystemError" ? byReason[error.reason] : undefined)),
    Option.getOrElse(() => "the system gave no reason that is known here")
  )
