import assert from "node:assert/strict";
import type { Mapping } from "../../src/mapping/mapping.ts";
import type { Case } from "./cases.ts";
import golden from "./golden.json" with { type: "json" };
import { byHand } from "./hand.ts";
import { byJsonata } from "./jsonata.ts";
import { byLiquid } from "./liquid.ts";

/** Maps its case once. */
export type Run = () => unknown;

/**
 * All that map one case, by name: the shipped rules, code by hand, JSONata, Liquid. Each was run once; throws where one
 * makes something else than the golden output: a comparison of different work means nothing.
 */
export async function contenders(
  each: Case,
  shipped: Mapping,
): Promise<readonly (readonly [string, Run])[]> {
  const input = "receive" in each ? each.receive : each.send;
  const hand = byHand[each.name];
  if (hand === undefined) throw new Error(`no code for ${each.name}`);
  const jsonata = byJsonata(each.name);
  const liquid = byLiquid(each.name);
  const runs = [
    [
      "sampan",
      () => ("receive" in each ? shipped.receive(each.receive) : shipped.send(each.send)).out[0],
    ],
    ["by hand", () => hand(input)],
    ["jsonata", () => jsonata(input)],
    ["liquid", () => liquid(input)],
  ] as const;
  for (const [name, run] of runs) {
    const made: unknown = JSON.parse(JSON.stringify(await run()));
    assert.deepStrictEqual(made, golden[each.name as keyof typeof golden], `${each.name}, ${name}`);
  }
  return runs;
}
