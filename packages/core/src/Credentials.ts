import * as Schema from "effect/Schema"
import { AccessToken } from "./AccessToken.js"
import { Account } from "./Account.js"
import { ClientIdentifier } from "./ClientIdentifier.js"
export class Credentials extends Schema.Class<Credentials>("Credentials")({
  token: AccessToken,
  account: Account,
  clientIdentifier: ClientIdentifier
}) {}
