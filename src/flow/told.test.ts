import { expect, test } from "vitest";
import type { Limit } from "../kit/index.ts";
import { toldBy } from "./told.ts";

const limit: Limit = {
  of: ["send"],
  headers: { used: "x-count", allowed: "x-allowed", reset: "x-reset" },
};
const now = Date.UTC(2026, 0, 1);
const told = (status: number, headers: Record<string, string>) =>
  toldBy({ status, headers }, limit, now);

test.each([
  ["seconds", "3", 3000],
  ["fractions of a second", "0.5", 500],
  ["a date", "Thu, 01 Jan 2026 00:00:10 GMT", 10_000],
  ["a date that is over", "Wed, 31 Dec 2025 00:00:00 GMT", 0],
  ["nonsense", "soon", undefined],
  ["nothing", " ", undefined],
])("Retry-After may be %s", (_, header, retryAfterMs) => {
  expect(told(429, { "retry-after": header })).toEqual({ refused: true, retryAfterMs });
});

test("only a refusal is a refusal", () => {
  expect(told(503, { "retry-after": "3" })).toEqual({ refused: false });
});

test.each([
  [
    "are read",
    { "x-count": "290", "x-allowed": "300", "x-reset": "12" },
    { left: 10, resetMs: 12_000 },
  ],
  [
    "may tell of too many",
    { "x-count": "301", "x-allowed": "300", "x-reset": "1" },
    { left: 0, resetMs: 1000 },
  ],
  ["are left alone when one is missing", { "x-count": "1", "x-allowed": "300" }, undefined],
  [
    "are left alone when one is odd",
    { "x-count": "1", "x-allowed": "all", "x-reset": "1" },
    undefined,
  ],
  [
    "are left alone when one is endless",
    { "x-count": "1", "x-allowed": "9", "x-reset": "1e999" },
    undefined,
  ],
])("the platform's own headers %s", (_, headers, rest) => {
  expect(told(200, headers).rest).toEqual(rest);
});
