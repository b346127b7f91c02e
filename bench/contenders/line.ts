// A LINE that knows its bot and everybody's name.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  request.resume().once("end", () => {
    response.setHeader("content-type", "application/json");
    const isInfo = request.url === "/v2/bot/info";
    response.end(
      isInfo
        ? '{"userId":"Ub0000000000000000000000000000000"}'
        : '{"displayName":"山田","userId":"U","language":"ja"}',
    );
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
process.once("SIGTERM", () => process.exit(0));
