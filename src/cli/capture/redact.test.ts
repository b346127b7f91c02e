import fc from "fast-check";
import { expect, test } from "vitest";
import { redact, wordsOf } from "./redact.ts";

const plain = { words: new Map<string, Set<string>>(), keep: new Set<string>(), shiftMs: 0 };
const line = { ...plain, words: wordsOf([{ properties: { mode: { enum: ["active"] } } }]) };

test("what a person wrote becomes letters of the same script, marks and signs stay", () => {
  expect(redact({ text: "Tanaka 田中さん タナカ 📞03-1234-5678" }, plain)).toEqual({
    text: "Xxxxxx 字字ああ アアア 📞00-0000-0000",
  });
  expect(redact({ text: "สั่งซื้อแล้วค่ะ 👨‍👩‍👧‍👦 𠮷野家 주문 Ünï" }, plain)).toEqual({
    text: "กั่กกื้กกก้กก่ก 👨‍👩‍👧‍👦 𠀀字字 가가 Xxx",
  });
});

test("ids become others of the same shape, the same one the same everywhere", () => {
  const event = {
    webhookEventId: "01HXYZ",
    source: { userId: "Uaabbccdd", groupId: "Caabbccdd" },
    again: { userId: "Uaabbccdd" },
    message: { id: "512345678" },
    key: "0c1e5bd9-9a5e-4f0a-8d68-2f4d0c1b7a11",
  };
  expect(redact(event, plain)).toEqual({
    webhookEventId: "000001",
    source: { userId: "U00000002", groupId: "C00000003" },
    again: { userId: "U00000002" },
    message: { id: "000000004" },
    key: "00000000-0000-0000-0000-000000000005",
  });
});

test("places lose their fractions, times are moved, long numbers lose their digits", () => {
  const event = {
    ...{ latitude: 35.7148, timestamp: 1_767_323_045_000, duration: 60_123, count: 7 },
    at: "2026-11-26T01:02:03+09:00",
  };
  expect(redact(event, { ...plain, shiftMs: 5 })).toEqual({
    ...{ latitude: 36, timestamp: 1_767_323_045_005, duration: 60_000, count: 7 },
    at: "2026-11-25T16:02:03.005Z",
  });
});

test("an address leads to example.com and keeps its shape", () => {
  expect(redact({ url: "https://shop.example.jp/user/42?name=Tanaka" }, plain)).toEqual({
    url: "https://example.com/xxxx/00?xxxx=Xxxxxx",
  });
});

test("words of the platform stay: those of a schema, and types", () => {
  const event = { mode: "active", type: "newKind", contentType: "Text", name: "active" };
  expect(redact(event, line)).toEqual({ ...event, name: "xxxxxx" });
});

test("what somebody allowed stays, and nothing beside it", () => {
  const keep = new Set(["message.text"]);
  expect(
    redact({ message: { text: "/flex receipt", alt: "Tea" }, text: "Tea" }, { ...plain, keep }),
  ).toEqual({ message: { text: "/flex receipt", alt: "Xxx" }, text: "Xxx" });
});

test("no letter or digit of a text survives, and no length changes, whatever the text is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      fc.pre(!text.includes("://"));
      const made = (redact({ text }, plain) as { text: string }).text;
      expect(made).toHaveLength(text.length);
      expect(made.replaceAll(/[Xxあア가ก字𠀀0]/gu, "")).not.toMatch(/[\p{L}\p{Nd}]/u);
    }),
  );
});
