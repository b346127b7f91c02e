// A stranger's folder beside gateway.yaml, an empty directory else, the built product: nothing of ours is edited.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTelegram, type TelegramSimulator } from "../examples/telegram/simulator.ts";
import { asChild, build } from "./child.ts";
import { type Harness, startHarness, until } from "./harness.ts";

const botToken = "7000000001:AAF-test_token_of_35_characters_xyz";
const secretToken = "tg_hook-Secret_4711";

let telegram: TelegramSimulator;
let world: Harness;
beforeAll(async () => {
  build();
  telegram = await startTelegram(botToken, secretToken);
  world = await startHarness({
    example: "telegram",
    edit: (yaml) => yaml.replace(/( +)botToken:/, `$1apiUrl: ${telegram.url}\n$&`),
    prepare: (folder) => {
      for (const name of ["simulator.ts", "gateway.test.ts", "plugins/telegram/index.test.ts"])
        rmSync(join(folder, name));
    },
    environment: { TELEGRAM_BOT_TOKEN: botToken, TELEGRAM_SECRET_TOKEN: secretToken },
    launch: asChild(() => {}),
  });
}, 120_000);
afterAll(async () => {
  await world?.close();
  await telegram?.close();
});

test("a channel in TypeScript, dropped in, carries a conversation both ways", async () => {
  const from = { id: 6012345678, is_bot: false, first_name: "Mali" };
  const chat = { id: 6012345678, type: "private" };
  const message = { message_id: 1, from, chat, date: 1_767_225_600, text: "มีของไหม" };
  const url = `${world.url}/webhooks/telegram`;
  expect(await telegram.update(url, { update_id: 1, message })).toBe(200);
  const seen = () => world.genesys.seen("6012345678").map(({ body }) => body.text);
  await until(() => seen().includes("มีของไหม"), "the agent reads it");
  await world.genesys.say("6012345678", "มีครับ");
  await until(() => JSON.stringify(telegram.calls).includes("มีครับ"), "the customer reads it");
  expect(world.genesys.violations).toEqual([]);
});
