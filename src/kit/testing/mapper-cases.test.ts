import { describe, expect, test } from "vitest";
import { defineMapper, type MapperPlugin, type RuleFunction, Type } from "../index.ts";
import { type MapperFixtures, mapperCases } from "./index.ts";
import { fitsType, parseSignature } from "./signature.ts";

const twice = {
  signature: "count.twice(int): int",
  doc: "Doubles: count.twice(2) = 4",
  handler: (value: number) => value * 2,
};
const sorted = {
  signature: "count.sorted(list<int>): list<int>",
  doc: "Sorts: count.sorted([2, 1]) = [1, 2]",
  handler: (list: number[]) => list.toSorted((a, b) => a - b),
};

function count(...functions: RuleFunction[]): MapperPlugin {
  const config = Type.Object({ base: Type.Integer({ default: 10 }) });
  return defineMapper({ name: "count", summary: "Counts", config, create: () => functions });
}

const fixtures: MapperFixtures = {
  badConfigs: [{ base: "ten" }],
  examples: [
    { call: "count.twice", with: [21], gives: 42 },
    { call: "count.sorted", with: [[3, 1, 2]], gives: [1, 2, 3] },
  ],
};

async function failures(plugin: MapperPlugin, given = fixtures) {
  const cases = mapperCases(plugin, given);
  const results = await Promise.allSettled(cases.map(({ run }) => run()));
  return cases
    .filter((_case, index) => results[index]?.status === "rejected")
    .map(({ name }) => name);
}

describe("mapperCases", () => {
  for (const { name, run } of mapperCases(count(twice, sorted), fixtures))
    test(`a good one ${name}`, run);

  let calls = 0;
  test.each<[string, RuleFunction, string]>([
    ["a wrong result", { ...twice, handler: () => 41 }, "count.twice(21)"],
    ["a result of another type", { ...twice, handler: () => "42" }, "count.twice(21)"],
    ["a memory", { ...twice, handler: () => [42, 43][calls++] }, "count.twice(21)"],
    [
      "a list sorted in place",
      { ...sorted, handler: (list: number[]) => list.sort() },
      "count.sorted([3,1,2])",
    ],
    [
      "a handler that throws",
      {
        ...twice,
        handler: () => {
          throw new Error("no");
        },
      },
      "count.twice(21)",
    ],
    [
      "another plug-in's name",
      { ...twice, signature: "other.twice(int): int" },
      "declares its functions in CEL types",
    ],
    [
      "a type that CEL has not",
      { ...twice, signature: "count.twice(number): int" },
      "declares its functions in CEL types",
    ],
    [
      "a handler that wants more",
      { ...twice, handler: (a: number, b: number) => a * b },
      "declares its functions in CEL types",
    ],
  ])("see %s", async (_what, changed, failing) => {
    expect(await failures(withChanged(changed))).toContain(failing);
  });

  test("see a function without an example", async () => {
    expect(await failures(count(twice, sorted), { ...fixtures, examples: [] })).toEqual([
      "has an example of each function",
    ]);
  });

  test("see a wrong config that is accepted", async () => {
    const plugin = { ...count(twice, sorted), config: Type.Object({}) };
    expect(await failures(plugin)).toEqual(["refuses a wrong config"]);
  });
});

const withChanged = (changed: RuleFunction) =>
  changed.signature.includes("sorted") ? count(twice, changed) : count(changed, sorted);

describe("signatures", () => {
  test("are taken apart", () => {
    expect(parseSignature("a.b(list<map<string, int>>, double): map<string, list<dyn>>")).toEqual({
      name: "a.b",
      parameters: ["list<map<string, int>>", "double"],
      result: "map<string, list<dyn>>",
    });
    expect(parseSignature("a.b(): bool").parameters).toEqual([]);
  });

  test.each([
    "a(int): int",
    "a.b(int)",
    "a.b(int): number",
    "a.b(int,int): int",
    "a.b(list<x>): int",
    "",
  ])("refuse %j", (signature) => expect(() => parseSignature(signature)).toThrow());

  test("know the values of their types", () => {
    expect(fitsType([["a"], []], "list<list<string>>")).toBe(true);
    expect(fitsType([[1]], "list<list<string>>")).toBe(false);
    expect(fitsType({ a: 1.5 }, "map<string, int>")).toBe(false);
    expect(fitsType(null, "map")).toBe(false);
    expect(fitsType(null, "dyn")).toBe(true);
  });
});
