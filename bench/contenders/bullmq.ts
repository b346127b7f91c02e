// Express 5 and LINE's own middleware again, keeping every event in BullMQ before the 200.
import { middleware, type webhook } from "@line/bot-sdk";
import { Queue } from "bullmq";
import express from "express";

const connection = { host: "127.0.0.1", port: Number(process.env["REDIS_PORT"]) };
const queue = new Queue("events", { connection });
await queue.waitUntilReady();

const app = express();
app.post(
  "/webhooks/line",
  middleware({ channelSecret: process.env["LINE_CHANNEL_SECRET"] ?? "" }),
  async (request, response) => {
    const { events } = request.body as webhook.CallbackRequest;
    // The id makes a webhook that comes twice one job, as at Sampan.
    await queue.addBulk(
      events.map((event) => ({
        name: event.type,
        data: event,
        opts: { jobId: event.webhookEventId },
      })),
    );
    response.status(200).end();
  },
);
const server = app.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`listening on http://127.0.0.1:${port}/webhooks/line\n`);
});
process.once("SIGTERM", () => process.exit(0));
