import { isMap, isSeq, type Node } from "yaml";
import { checkKeys } from "../mapping/rules.ts";
import type { Source } from "../template/source.ts";
import { isMapping, isMatcher } from "./matchers.ts";

/** One thing that a flow test does or expects, in the order of the file. */
export interface Step {
  readonly verb: Verb;
  readonly value: unknown;
  readonly node: Node;
  /** It expects something, so it can fail. */
  readonly expects: boolean;
}

const doing = ["webhook", "answers", "advance", "remember"] as const;
const expecting = ["requests", "lookups", "receipts", "deadLetters", "state"] as const;
export type Verb = (typeof doing)[number] | (typeof expecting)[number];
export const verbs: readonly string[] = [...doing, ...expecting];

/** The steps of a list; undefined, and reported, when it is none. */
export function readSteps(source: Source, list: Node | undefined): readonly Step[] | undefined {
  if (!isSeq(list) || list.items.length === 0) {
    const message = `steps: must be a list; a step is ${verbs.join(", ")}`;
    source.report(source.placeOfNode(list), { code: "wrong-shape", message });
    return undefined;
  }
  return list.items.flatMap((item) => stepsOf(source, source.resolve(item) ?? undefined));
}

/** The steps that one mapping holds, in the order in which they are written. */
export function stepsOf(source: Source, node: Node | undefined): readonly Step[] {
  if (!isMap(node)) {
    const message = `a step is a mapping with ${verbs.join(", ")}`;
    source.report(source.placeOfNode(node), { code: "wrong-shape", message });
    return [];
  }
  checkKeys(source, node, verbs);
  const known = source.entries(node).filter(({ key }) => verbs.includes(key));
  return known.flatMap(({ key, keyNode, value }) => {
    const at = value ?? keyNode;
    const step = { verb: key as Verb, value: value?.toJS(source.document) as unknown, node: at };
    const problem = shapeOf(step.verb, step.value);
    if (problem !== undefined) {
      source.report(source.placeOfNode(at), { code: "wrong-shape", message: problem });
      return [];
    }
    if (key === "webhook" && isMap(value)) checkKeys(source, value, webhookKeys);
    return { ...step, expects: (expecting as readonly string[]).includes(key) };
  });
}

const webhookKeys = ["channel", "body", "headers", "method", "url", "forged", "status", "response"];

/** What is wrong with a step's value, if anything. */
function shapeOf(verb: Verb, value: unknown): string | undefined {
  const isList = (each: unknown) => Array.isArray(each) || (verb !== "answers" && isMatcher(each));
  const lists = isMapping(value) && Object.values(value).every(isList);
  switch (verb) {
    case "webhook":
      return isMapping(value) && typeof value["channel"] === "string"
        ? undefined
        : "webhook: needs channel: and body:";
    case "advance":
      return typeof value === "string" && /^[0-9]+(ms|s|m|h|d)$/.test(value)
        ? undefined
        : "advance: must be a duration such as 500ms, 65s, 10m, 24h or 31d";
    case "deadLetters":
      return Array.isArray(value) ? undefined : "deadLetters: must be a list";
    case "state":
    case "remember":
      return isMapping(value) && Object.values(value).every(isMapping)
        ? undefined
        : `${verb}: must say for each channel what is kept under which name`;
    default:
      return lists ? undefined : `${verb}: must hold a list for each channel`;
  }
}
