import { mapperCases } from "sampan/kit/testing";
import { test } from "vitest";
import plugin from "./index.ts";

// Every function needs an example; the contract's cases call each of them twice.
const cases = mapperCases(plugin, {
  examples: [
    { call: "sample.mask", with: ["0812345678", 4], gives: "******5678" },
    { call: "sample.mask", with: ["👍", 1], gives: "👍" },
    { call: "sample.mask", with: ["", 4], gives: "" },
  ],
});
for (const { name, run } of cases) test(name, run);
