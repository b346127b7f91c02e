// Every action that LINE knows, as an agent sends it and as a customer taps it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { customer, type Harness, startHarness, until } from "./harness.ts";

const layout = `
layout: everything
description: One button of each kind.
emit:
  type: flex
  altText: Everything
  contents:
    type: bubble
    body:
      type: box
      layout: vertical
      contents:
        - { type: button, action: { type: postback, label: Buy, data: "buy=tea", displayText: "I buy tea", inputOption: openKeyboard, fillInText: "Name:" } }
        - { type: button, action: { type: message, label: Ask, text: "What is it?" } }
        - { type: button, action: { type: uri, label: Look, uri: "https://shop.example.com/tea", altUri: { desktop: "https://shop.example.com/wide" } } }
        - { type: button, action: { type: datetimepicker, label: Day, data: "day", mode: date, initial: "2026-12-24", min: "2026-12-01", max: "2026-12-31" } }
        - { type: button, action: { type: datetimepicker, label: Hour, data: "hour", mode: time, min: "09:00", max: "18:00" } }
        - { type: button, action: { type: datetimepicker, label: Both, data: "both", mode: datetime, min: "2026-12-01T09:00", max: "2026-12-31T18:00" } }
        - { type: button, action: { type: clipboard, label: Copy, clipboardText: "CODE-1" } }
  quickReply:
    items:
      - { type: action, action: { type: camera, label: Camera } }
      - { type: action, action: { type: cameraRoll, label: Album } }
      - { type: action, action: { type: location, label: Place } }
`;

const picture = await sharp({ create: { width: 9, height: 9, channels: 3, background: "teal" } })
  .jpeg()
  .toBuffer();
let world: Harness;
beforeAll(async () => {
  world = await startHarness({
    example: "flex-layout",
    prepare: (folder) => writeFileSync(join(folder, "mappings/flex/everything.yaml"), layout),
  });
  for (const id of ["501", "502"]) world.line.addContent(id, picture, "image/jpeg");
  await world.genesys.say(customer, "/flex everything");
  await until(() => world.customerSees().includes("Everything"), "the layout is shown");
});
afterAll(() => world.close());

/** What the agent gets of one tap, next after what was there. */
async function tapped(label: string, params?: Record<string, string>) {
  const before = world.genesys.ledger.length;
  expect(await world.line.tap(customer, label, params)).toBe(200);
  await until(() => world.genesys.ledger.length > before, "the agent has it");
  return world.genesys.ledger[before]?.body;
}

describe("an action that tells us something", () => {
  test.each([
    ["postback", "Buy", undefined, /buy=tea/],
    ["message", "Ask", undefined, /What is it\?/],
    ["datetimepicker of a date", "Day", { date: "2026-12-25" }, /2026-12-25/],
    ["datetimepicker of a time", "Hour", { time: "10:30" }, /10:30/],
    ["datetimepicker of both", "Both", { datetime: "2026-12-25T10:30" }, /2026-12-25 10:30/],
    ["camera", "Camera", { id: "501" }, /image\/jpeg/],
    ["cameraRoll", "Album", { id: "502" }, /image\/jpeg/],
    ["location", "Place", undefined, /Customer Location: https:\/\/www\.google\.com\/maps\?q=35/],
  ])("%s reaches the agent", async (_name, label, params, seen) => {
    expect(JSON.stringify(await tapped(label, params))).toMatch(seen);
  });
});

test("richmenuswitch only turns a page: the agent is not told, and what comes next is", async () => {
  const before = world.genesys.ledger.length;
  const params = { newRichMenuAliasId: "orders", status: "SUCCESS" };
  const source = { type: "user", userId: customer };
  await world.line.say({ type: "postback", source, postback: { data: "orders", params } });
  await world.write("after the page");
  await until(() => world.genesys.ledger.length > before, "the agent has the next message");
  expect(world.genesys.ledger[before]?.body.text).toBe("after the page");
});

test.each([
  ["uri", "Look"],
  ["clipboard", "Copy"],
])("%s does its work on the phone, and nobody waits for an event", async (_name, label) => {
  await expect(world.line.tap(customer, label)).rejects.toThrow("sends nothing");
});

test("a picker lets nobody choose outside its limits", async () => {
  await expect(world.line.tap(customer, "Day", { date: "2027-01-01" })).rejects.toThrow(
    "2026-12-31",
  );
});

test("LINE had nothing against any of them", () => {
  expect(world.line.violations).toEqual([]);
});
