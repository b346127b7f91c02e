// A flow of Node-RED: HTTP in, LINE's signature proven in a function, HTTP response. It keeps nothing.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";

interface NodeRed {
  init(server: unknown, settings: object): void;
  start(): Promise<void>;
  readonly httpNode: express.RequestHandler;
  readonly runtime: { readonly flows: { setFlows(request: object): Promise<unknown> } };
}

const red = createRequire(import.meta.url)("node-red") as NodeRed;
const secret = process.env["LINE_CHANNEL_SECRET"] ?? "";
const prove = `
const digest = crypto.createHmac("sha256", ${JSON.stringify(secret)}).update(msg.payload).digest("base64");
msg.statusCode = digest === msg.req.headers["x-line-signature"] ? 200 : 401;
if (msg.statusCode === 200) msg.payload = JSON.parse(msg.payload.toString()) && "";
return msg;`;
const flow = [
  { id: "tab", type: "tab", label: "bench" },
  {
    ...{ id: "in", type: "http in", z: "tab", url: "/webhooks/line", method: "post" },
    ...{ rawBodyParsing: true, wires: [["prove"]] },
  },
  {
    ...{ id: "prove", type: "function", z: "tab", func: prove, outputs: 1 },
    ...{ libs: [{ var: "crypto", module: "crypto" }], wires: [["out"]] },
  },
  { id: "out", type: "http response", z: "tab", wires: [] },
];

const app = express();
const server = createServer(app);
red.init(server, {
  httpAdminRoot: false,
  httpNodeRoot: "/",
  userDir: join(tmpdir(), `sampan-node-red-${process.pid}`),
  logging: { console: { level: "off" } },
  functionExternalModules: true,
});
app.use("/", (request, response, next) => red.httpNode(request, response, next));
await red.start();
await red.runtime.flows.setFlows({ flows: { flows: flow } });
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`listening on http://127.0.0.1:${port}/webhooks/line\n`);
});
process.once("SIGTERM", () => process.exit(0));
