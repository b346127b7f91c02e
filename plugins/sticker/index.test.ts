import { mapperCases } from "sampan/kit/testing";
import { describe, test } from "vitest";
import sticker from "./index.ts";

describe("sticker", () => {
  const cases = mapperCases(sticker, {
    examples: [
      {
        call: "sticker.picture",
        with: ["52002734", "STATIC"],
        gives:
          "https://stickershop.line-scdn.net/stickershop/v1/sticker/52002734/android/sticker.png",
      },
      {
        call: "sticker.picture",
        with: ["1/../2", "ANIMATION"],
        gives:
          "https://stickershop.line-scdn.net/stickershop/v1/sticker/1%2F..%2F2/android/sticker.png",
      },
      { call: "sticker.alternative", with: [{ text: "Hi!", keywords: ["a"] }], gives: "Hi!" },
      { call: "sticker.alternative", with: [{ keywords: ["happy", "hi"] }], gives: "happy, hi" },
      { call: "sticker.alternative", with: [{ text: " ", words: ["ok"] }], gives: "ok" },
      { call: "sticker.alternative", with: [{ keywords: [], sticker: "1" }], gives: "Sticker" },
    ],
  });
  for (const { name, run } of cases) test(name, run);
});
