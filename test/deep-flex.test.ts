import { expect, test } from "vitest";
import { LineMessage } from "../plugins/line/messages.ts";
import { validator } from "../src/mapping/validator.ts";

/** Boxes in boxes, each with a button that does nothing. */
const box = (depth: number): object => ({
  type: "box",
  layout: "vertical",
  contents: [{ type: "button" }, ...(depth > 1 ? [box(depth - 1)] : [])],
});
const bubble = { type: "bubble", body: box(12) };
const carousel = { type: "carousel", contents: Array.from({ length: 12 }, () => bubble) };

// Where every branch of a union complains of all that is below it, this takes gigabytes.
test("faults twelve boxes deep, in twelve bubbles, are told with little memory", () => {
  const check = validator(LineMessage);
  check({ type: "text", text: "compiled" });
  const before = process.memoryUsage().heapUsed;
  const fault = check({ type: "flex", altText: "x", contents: carousel });
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 2 ** 20);
  expect(fault).toMatch(/contents\/0 must have required property 'action'/);
});
