import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startGenesysSimulator } from "../../plugins/genesys/simulator.ts";
import { type Gateway, startGateway } from "../../src/gateway.ts";
import { startTelegram, type TelegramSimulator } from "./simulator.ts";

const here = import.meta.dirname;
const botToken = "7000000001:AAF-test_token_of_35_characters_xyz";
const secretToken = "tg_hook-Secret_4711";
const mali = { id: 6012345678, is_bot: false, first_name: "Mali" };
const chat = { id: 6012345678, type: "private" };
const open = {
  clientId: "client-1",
  clientSecret: "client-secret-1",
  integrationId: "0c1d5c3e-26b1-4a52-8f6f-6f2f0b0c0d01",
  webhookSecret: "webhook-secret-1",
};

let folder: string;
let telegram: TelegramSimulator;
let genesys: Awaited<ReturnType<typeof startGenesysSimulator>>;
let gateway: Gateway;

/** The example's own gateway.yaml, with both platforms and the files moved. */
async function movedConfig(): Promise<string> {
  const text = await readFile(join(here, "gateway.yaml"), "utf8");
  const file = join(folder, "gateway.yaml");
  const moved = text
    .replace("port: 8080", "port: 0\n  host: 127.0.0.1")
    .replace("[plugins]", JSON.stringify([join(here, "plugins")]))
    .replace("use: telegram", `$&\n    mapping: [${join(here, "mappings/telegram.yaml")}]`)
    .replace(/( +)botToken:/, `$1apiUrl: ${telegram.url}\n$&`)
    .replace(/( +)region:/, `$1apiUrl: ${genesys.url}\n$1loginUrl: ${genesys.url}\n$&`);
  await writeFile(file, moved);
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sampan-telegram-"));
  telegram = await startTelegram(botToken, secretToken);
  genesys = await startGenesysSimulator(open);
  gateway = await startGateway(await movedConfig(), {
    environment: {
      PUBLIC_URL: "https://gw.example.com",
      TELEGRAM_BOT_TOKEN: botToken,
      TELEGRAM_SECRET_TOKEN: secretToken,
      GENESYS_REGION: "mypurecloud.jp",
      GENESYS_CLIENT_ID: open.clientId,
      GENESYS_CLIENT_SECRET: open.clientSecret,
      GENESYS_INTEGRATION_ID: open.integrationId,
      GENESYS_WEBHOOK_SECRET: open.webhookSecret,
    },
  });
  genesys.gatewayUrl = `${gateway.url}/webhooks/genesys`;
});

afterAll(async () => {
  await gateway?.stop();
  await telegram?.close();
  await genesys?.close();
  await rm(folder, { recursive: true, force: true });
});

const update = (id: number, fields: object) =>
  telegram.update(`${gateway.url}/webhooks/telegram`, { update_id: id, ...fields });

test("an agent sees what a customer writes, and the customer what the agent answers", async () => {
  const message = { message_id: 1, from: mali, chat, date: 1_767_225_600, text: "สวัสดี" };
  expect(await update(1, { message })).toBe(200);
  await vi.waitFor(() => expect(genesys.seen("6012345678")).toHaveLength(1), 10_000);
  expect(genesys.seen("6012345678")[0]?.body).toMatchObject({ text: "สวัสดี" });

  await genesys.say("6012345678", "How can I help?");
  await vi.waitFor(
    () =>
      expect(telegram.calls).toContainEqual({
        method: "sendMessage",
        fields: { chat_id: "6012345678", text: "How can I help?" },
      }),
    10_000,
  );
  expect(genesys.violations).toEqual([]);
});
