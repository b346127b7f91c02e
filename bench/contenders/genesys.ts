// A Genesys that takes everything and keeps count: what the gateway can deliver, not what a simulator can check.
import { createServer } from "node:http";

let messages = 0;
const server = createServer((request, response) => {
  request.resume().once("end", () => {
    response.setHeader("content-type", "application/json");
    if (request.url === "/oauth/token") {
      response.end('{"access_token":"token","token_type":"bearer","expires_in":86400}');
    } else if (request.url === "/count") {
      response.end(String(messages));
    } else {
      if (request.url?.endsWith("/message")) messages += 1;
      response.statusCode = 202;
      response.end('{"id":"0123456789abcdef0123456789abcdef"}');
    }
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
