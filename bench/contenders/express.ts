// The usual LINE bot: Express 5 and LINE's own middleware, which proves the signature and parses. It keeps nothing.
import { middleware } from "@line/bot-sdk";
import express from "express";

const app = express();
app.post(
  "/webhooks/line",
  middleware({ channelSecret: process.env["LINE_CHANNEL_SECRET"] ?? "" }),
  (_, response) => {
    response.status(200).end();
  },
);
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`listening on http://127.0.0.1:${port}/webhooks/line\n`);
});
process.once("SIGTERM", () => process.exit(0));
