import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { MapperPlugin, RuleFunction } from "../mapper.ts";
import { type Case, makeCase, withDefaults } from "./case.ts";
import { assertShape, configCases } from "./shape-cases.ts";
import { fitsType, parseSignature } from "./signature.ts";

/** What the contract's cases need to know about one mapper plug-in. */
export interface MapperFixtures {
  /** As under `mappers:`. Empty unless given. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Refused, beside those with an option of a wrong type. */
  readonly badConfigs?: readonly Readonly<Record<string, unknown>>[];
  /** At least one of each function. */
  readonly examples: readonly Example[];
}

export interface Example {
  /** With the plug-in's name: `location.link`. */
  readonly call: string;
  readonly with: readonly unknown[];
  readonly gives: unknown;
}

/**
 * The contract that every mapper plug-in keeps, as cases for any test runner:
 *
 *     for (const { name, run } of mapperCases(plugin, fixtures)) test(name, run);
 */
export function mapperCases(plugin: MapperPlugin, fixtures: MapperFixtures): readonly Case[] {
  const { config = {}, badConfigs, examples } = fixtures;
  const create = () => plugin.create(withDefaults(plugin.config, config));
  return [
    makeCase("has the shape of a mapper plug-in", () => assertShape(plugin, "mapper")),
    ...configCases(plugin.config, config, badConfigs),
    makeCase("declares its functions in CEL types", () => assertSignatures(plugin.name, create())),
    makeCase("has an example of each function", () => {
      const called = new Set(examples.map(({ call }) => call));
      const missing = create()
        .map(nameOf)
        .filter((name) => !called.has(name));
      assert.deepEqual(missing, [], "functions without an example in the fixtures");
    }),
    ...examples.map((example) =>
      makeCase(`${example.call}(${example.with.map(shown).join(", ")})`, () =>
        assertExample(create, example),
      ),
    ),
  ];
}

const nameOf = ({ signature }: RuleFunction) => parseSignature(signature).name;
const shown = (value: unknown) => JSON.stringify(value) ?? String(value);

function assertSignatures(plugin: string, functions: readonly RuleFunction[]): void {
  for (const { signature, doc, handler, async } of functions) {
    const { name, parameters } = parseSignature(signature);
    assert.ok(name.startsWith(`${plugin}.`), `${signature}: the name must start with "${plugin}."`);
    assert.match(doc, /^\S.*$/, `${signature}: \`doc\` must be one line`);
    assert.ok(
      handler.length <= parameters.length + (async === true ? 1 : 0),
      `${signature}: the handler wants ${handler.length} values`,
    );
  }
  const signatures = functions.map(({ signature }) => signature.replace(/:[^:]*$/, ""));
  assert.equal(new Set(signatures).size, signatures.length, "two functions have one signature");
}

async function assertExample(
  create: () => readonly RuleFunction[],
  example: Example,
): Promise<void> {
  const { call, with: values, gives } = example;
  const run = async () => {
    const found = create().find((candidate) => isFor(candidate, example));
    assert.ok(found, `no function ${call} takes these values`);
    const given = structuredClone(values);
    const signal = found.async === true ? [new AbortController().signal] : [];
    const answer = (found.handler as (...given: unknown[]) => unknown)(...given, ...signal);
    const result = found.async === true ? await answer : answer;
    assert.ok(isDeepStrictEqual(given, values), `${call} changes what it is given`);
    const { result: type } = parseSignature(found.signature);
    assert.ok(fitsType(result, type), `${call} does not give a ${type}`);
    return result;
  };
  const first = await run();
  assert.deepEqual(first, gives);
  assert.deepEqual(
    await run(),
    first,
    `${call} is not pure: it gives something else the second time`,
  );
}

function isFor({ signature }: RuleFunction, { call, with: values }: Example): boolean {
  const { name, parameters } = parseSignature(signature);
  const fits = parameters.every((type, index) => fitsType(values[index], type));
  return name === call && parameters.length === values.length && fits;
}
