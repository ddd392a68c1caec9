import * as Command from "@effect/cli/Command"
import { Console, Effect, Redacted } from "effect"
import { simulate } from "./options.js"
import { services } from "./services.js"
import { signedIn } from "./signed-in.js"

export const token = Command.make("token", { simulate }, ({ simulate }) =>
  // The one place where it is meant to come out: for a command that reads it from a pipe.
  Effect.flatMap(signedIn, (credentials) => Console.log(Redacted.value(credentials.token))).pipe(
    Effect.provide(services(simulate))
  )
).pipe(Command.withDescription("Print the access token, and nothing else, for another program to read"))
