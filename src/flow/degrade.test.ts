import { describe, expect, test } from "vitest";
import type { Content, Message } from "../kit/index.ts";
import { degrade } from "./degrade.ts";

const message = (content: Content): Message => ({
  ...content,
  id: "a:1",
  channel: "a",
  conversation: { id: "U1", type: "person" },
  from: { role: "customer" },
  sentAt: "2026-01-02T03:04:05.000Z",
  native: { id: "1", kind: "x" },
});

function plainest(content: Content): string | undefined {
  let form: Message | undefined = message(content);
  while (form !== undefined && form.kind !== "text") form = degrade(form);
  return form?.kind === "text" ? form.text : undefined;
}

const choices = [
  { label: "Yes", do: { reply: { text: "yes" } } },
  { label: "Site", do: { open: { url: "https://x.example" } } },
];

describe("a message the target has no rule for", () => {
  test("becomes a picture with words before it becomes words, when it is a sticker", () => {
    const sticker = message({
      kind: "sticker",
      sticker: "52",
      image: { url: "https://x.example/s.png" },
      words: ["happy"],
    });
    expect(degrade(sticker)).toMatchObject({ kind: "image", caption: "[Sticker: happy]" });
  });

  test.each<[Content, string]>([
    [{ kind: "sticker", sticker: "52" }, "[Sticker]"],
    [
      { kind: "file", asset: { url: "https://x.example/a", name: "見積.pdf" }, caption: "Here" },
      "Here\n[File: 見積.pdf]\nhttps://x.example/a",
    ],
    [
      { kind: "location", latitude: 13.75, longitude: 100.5, title: "วัดพระแก้ว" },
      "วัดพระแก้ว\nLocation: https://www.google.com/maps?q=13.75,100.5",
    ],
    [{ kind: "choices", text: "Sure?", choices }, "Sure?\n1. Yes\n2. Site\nhttps://x.example"],
    [
      {
        kind: "carousel",
        cards: [
          { title: "A", text: "a", choices },
          { title: "B", choices: [] },
        ],
      },
      "A\na\n1. Yes\n2. Site\nhttps://x.example\n\nB",
    ],
    [{ kind: "action" }, "[Button used]"],
    [{ kind: "edited", target: { id: "1" }, text: "new" }, "[Message edited]\nnew"],
    [{ kind: "deleted", target: { id: "1" } }, "[Message deleted by its sender]"],
    [{ kind: "other", summary: "hologram" }, "[A message that cannot be shown: hologram]"],
  ])("ends as words that a person can read: %j", (content, expected) => {
    expect(plainest(content)).toBe(expected);
  });

  test.each<Content>([
    { kind: "followed" },
    { kind: "read" },
    { kind: "typing" },
    { kind: "joined" },
  ])("is only recorded when it must not open a conversation: %j", (content) => {
    expect(degrade(message(content))).toBeUndefined();
  });
});
