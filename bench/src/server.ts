/** A plex.tv that answers `GET /pins/{id}` and nothing else, in a process of its own. Prints its port. */
import { createServer } from "node:http"
import { answer } from "./support/answer.js"
import { claimMoment } from "./support/claimMoment.js"

const server = createServer((request, response) => {
  const id = /\/pins\/(\d+)/.exec(request.url ?? "")?.[1] ?? "0"
  const body = answer(id, Date.now() < claimMoment(id) ? null : "aBcDeFgHiJkLmNoPqRsT")
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": body.length })
  response.end(body)
})
// No connection is closed for being idle: a client that meets that at the wrong moment would have to try again.
server.keepAliveTimeout = 0
server.listen({ port: 0, host: "127.0.0.1", backlog: 20_000 }, () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) console.log(String(address.port))
})
