import { describe, expect, test } from "vitest";
import { createWith } from "./create.ts";

const file = "plugins/x/index.ts";

describe("making a channel", () => {
  test("gives what create makes", () => {
    const channel = {};
    expect(createWith(file, () => channel)).toBe(channel);
  });

  test("names the file when create never comes to an end", () => {
    const hang = () => {
      for (;;);
    };
    expect(() => createWith(file, hang, 20)).toThrow(
      expect.objectContaining({
        code: "plugin.create",
        message: `${file}: create() did not end within 20 ms`,
      }),
    );
  });

  test("names the file and the reason when create throws", () => {
    const fail = () => {
      throw new TypeError("no token");
    };
    expect(() => createWith(file, fail)).toThrow(`${file}: no token`);
  });

  test("refuses a promise, which would only fail later", () => {
    expect(() => createWith(file, async () => ({}))).toThrow("create() made a promise");
  });
});
