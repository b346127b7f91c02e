import { expect, test } from "vitest";
import { kindNames, type Message } from "../kit/index.ts";
import { plainer } from "../mapping/plainer.ts";
import { degrade } from "./degrade.ts";

test("what the checks of rules promise of a kind is what becomes of it", () => {
  const asset = { url: "https://files.example/a" };
  const all = {
    text: "words",
    title: "title",
    summary: "something",
    name: "name",
    choices: [],
    cards: [],
    asset,
    image: asset,
    latitude: 1,
    longitude: 2,
  };
  for (const kind of kindNames) {
    const message = { ...all, kind, channel: "c", native: { id: "1" } } as unknown as Message;
    expect([kind, degrade(message)?.kind]).toEqual([kind, plainer[kind]]);
  }
});
