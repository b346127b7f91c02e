import type { Node } from "yaml";
import { type LimitKeyword, limitKeywords, limitText } from "../kit/index.ts";
import type { Source } from "../template/source.ts";
import type { JsonSchema } from "../template/types.ts";
import type { Sizes } from "./bounds.ts";
import type { Measure, Range } from "./measure.ts";

/** A schema with the limits that are told before a rule runs. */
export type Limited = JsonSchema &
  Readonly<
    Partial<Record<LimitKeyword | "maxItems" | "minItems", number>> & {
      readonly then?: JsonSchema;
    }
  >;

/** What an inspection needs to tell limits that the target would refuse. */
export interface Sizing {
  readonly measure: Measure;
  /** What happens at run time with an output that does not fit: the end of the hint. */
  readonly otherwise: string;
}

type Unit = "graphemes" | "units";
const cutters: Readonly<Record<Unit, string>> = {
  graphemes: "truncate",
  units: "truncateUnits",
};

/** Tells texts that are, or can get, longer than the target takes. */
export function checkText(
  source: Source,
  node: Node,
  path: string,
  schema: Limited,
  sizing: Sizing,
): void {
  if (sizing.measure.isFaulty(path)) return;
  for (const [keyword, unit] of Object.entries(limitKeywords)) {
    const limit = schema[keyword as LimitKeyword];
    if (limit === undefined || unit === "bytes") continue;
    const { least, most } = sizing.measure.text(node, path);
    const cutter = cutters[unit];
    report(source, node, {
      limit: limitText(limit, unit),
      verdict: verdictOf(least, most, unit, limit),
      what: "the text",
      code: "too-long",
      cut: `${cutter}(…, ${limit})`,
      otherwise: sizing.otherwise,
    });
  }
}

/** Tells lists that have, or can get, more items than the target takes, or too few. */
export function checkItems(
  source: Source,
  node: Node,
  path: string,
  schema: Limited,
  sizing: Sizing,
): void {
  if (sizing.measure.isFaulty(path)) return;
  const { maxItems, minItems = 0 } = schema;
  const range = sizing.measure.items(node, path);
  const { most } = range;
  if (most.items !== undefined && most.items < minItems) {
    source.report(source.placeOfNode(node), {
      code: "too-few",
      message: `the list has ${most.items} items, the target wants at least ${minItems}`,
    });
  }
  if (maxItems === undefined) return;
  report(source, node, {
    limit: `${maxItems} items`,
    verdict: verdictOf(range.least, most, "items", maxItems),
    what: "the list",
    code: "too-many",
    cut: `$max: ${maxItems} beside $for, or list.take(${maxItems})`,
    otherwise: sizing.otherwise,
  });
}

/** Tells values whose written part alone is larger than the target takes. */
export function checkBytes(source: Source, node: Node, schema: Limited, sizing: Sizing): void {
  const limit = schema.maxBytes;
  if (limit === undefined) return;
  const least = sizing.measure.leastBytes(node);
  if (least <= limit) return;
  source.report(source.placeOfNode(node), {
    code: "too-large",
    message: `this takes ${least} bytes at least, the target takes ${limitText(limit, "bytes")}`,
    hint: "shorten it, or cut it into several",
  });
}

type Verdict = { readonly surely: number } | { readonly perhaps: number | undefined } | undefined;

function verdictOf(
  least: Range["least"],
  most: Range["most"],
  unit: keyof Sizes,
  limit: number,
): Verdict {
  const lower = least[unit] ?? 0;
  const upper = most[unit];
  if (lower > limit) return { surely: lower };
  return upper !== undefined && upper <= limit ? undefined : { perhaps: upper };
}

interface Excess {
  readonly limit: string;
  readonly verdict: Verdict;
  readonly what: string;
  readonly code: string;
  readonly cut: string;
  readonly otherwise: string;
}

function report(source: Source, node: Node, excess: Excess): void {
  const { limit, verdict, what, code, cut, otherwise } = excess;
  if (verdict === undefined) return;
  const place = source.placeOfNode(node);
  if ("surely" in verdict) {
    const message = `${what} has ${verdict.surely}, the target takes ${limit}`;
    const hint = what === "the list" ? "leave some out, or write several messages" : "shorten it";
    source.report(place, { code, message, hint });
    return;
  }
  const size =
    verdict.perhaps === undefined
      ? what === "the list"
        ? "have any number of items"
        : "be of any length"
      : `have ${verdict.perhaps}`;
  source.report(place, {
    severity: "warning",
    code: `may-be-${code}`,
    message: `${what} can ${size}, the target takes ${limit}`,
    hint: `write ${cut}; ${otherwise}`,
  });
}
