import { expect, test } from "vitest";
import { cases } from "../bench/mapping/cases.ts";
import { contenders } from "../bench/mapping/contenders.ts";
import { shippedRules } from "../bench/mapping/rules.ts";

test.each(cases)("rules, code, JSONata and Liquid make the same of $name", async (each) => {
  expect(await contenders(each, shippedRules())).toHaveLength(4);
});
