// The reference is what the code says: written anew by `npm run docs`, and every example in it is true.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Environment } from "@marcbachmann/cel-js";
import { describe, expect, test } from "vitest";
import { celFunctions, leftOut } from "../docs/source/cel.ts";
import { explained } from "../docs/source/functions.ts";
import { pages } from "../docs/source/pages.ts";
import { withDefaults } from "../src/config/check-value.ts";
import { mapperFunctions } from "../src/project.ts";
import { loadPlugins } from "../src/registry.ts";
import { builtins } from "../src/template/builtins.ts";
import { Engine } from "../src/template/cel.ts";
import { emptyTypes } from "../src/template/types.ts";

const written = await pages();
const registry = await loadPlugins({ folders: [], packages: [] });
const options = [...registry.mappers].map(([name, { config }]) => [name, withDefaults(config, {})]);
const sets = mapperFunctions(registry, Object.fromEntries(options));
const engine = new Engine(sets);

function isTrue(expression: string): unknown {
  const variables = new Map(
    [...engine.namespaces.keys()].map((name) => [name, `${name}Functions`]),
  );
  const { evaluate } = engine.compile(expression, variables, emptyTypes());
  engine.budget.restart();
  return evaluate(Object.fromEntries(engine.namespaces));
}

describe("the reference", () => {
  test.each([...written])("docs/%s is fresh: otherwise run `npm run docs`", (name, text) => {
    expect(readFileSync(join(import.meta.dirname, "../docs", name), "utf8")).toBe(text);
  });

  test("explains every function of ours, with an example", () => {
    const all = [...builtins, ...sets.flatMap(({ functions }) => functions)];
    expect(all.length).toBeGreaterThan(10);
    for (const each of all) expect(explained(each).example, each.signature).not.toBe("");
  });

  test("tells what the engine brings, or leaves it out on purpose", () => {
    const told = [...celFunctions.map(({ name }) => name), ...leftOut, "matches", "substring"];
    const names = new Environment().getDefinitions().functions.map(({ name }) => name);
    expect(names.filter((name) => !told.includes(name))).toEqual([]);
  });

  test.each(celFunctions.map(({ example }) => example))("%s", (example) => {
    expect(isTrue(example)).toBe(true);
  });

  const claims = sets
    .flatMap(({ functions }) => functions.map((each) => explained(each).example))
    .filter((example) => example.includes(" = "));
  test.each(claims)("%s", (claim) => {
    expect(isTrue(claim.replace(" = ", " == "))).toBe(true);
  });
});
