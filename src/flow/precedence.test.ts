import { expect, test } from "vitest";
import { createPrecedence } from "./precedence.ts";

function jobsAfter(calls: number): number {
  const precedence = createPrecedence();
  for (let call = 0; call < calls; call += 1) precedence.came();
  return precedence.jobs();
}

test("the more webhook calls come, the fewer jobs begin, and never none", () => {
  expect([0, 1, 2, 8, 16, 1_000_000].map(jobsAfter)).toEqual([256, 256, 128, 32, 16, 16]);
});

test("each time only the calls since the last time count", () => {
  const precedence = createPrecedence();
  for (let call = 0; call < 100; call += 1) precedence.came();
  expect([precedence.jobs(), precedence.jobs()]).toEqual([16, 256]);
});
