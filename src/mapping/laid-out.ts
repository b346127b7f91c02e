import { type Message, SampanError } from "../kit/index.ts";
import type { Values } from "../template/expression.ts";
import { didYouMean } from "../template/suggest.ts";
import type { Layout } from "./loader.ts";
import type { Mapped } from "./mapping.ts";

/**
 * Runs a layout; its parameters are checked first. Throws `rule.parameters`, whose message tells the person who asked
 * for the layout what is wrong: it travels in the receipt.
 */
export function laidOut(
  layout: Layout,
  values: Values & { readonly message: Message },
): Mapped<unknown> {
  const { message } = values;
  const parameters = message.kind === "template" ? numbered(layout, message.parameters) : {};
  const problem = problemOf(layout, parameters);
  if (problem !== undefined) {
    throw new SampanError("rule.parameters", `layout "${layout.name}": ${problem}`, {
      hint: "see parameters: and required: in the layout's file",
    });
  }
  return { rule: `layout:${layout.name}`, out: layout.emit({ ...values, parameters }) };
}

/** A copy. What a person typed is text, also where a number is wanted. */
function numbered({ numbers }: Layout, given: Readonly<Record<string, unknown>>) {
  const parameters = structuredClone(given) as Record<string, unknown>;
  for (const name of numbers) {
    const value = parameters[name];
    if (typeof value !== "string" || value.trim() === "") continue;
    const number = Number(value);
    if (Number.isFinite(number)) parameters[name] = number;
  }
  return parameters;
}

function problemOf(layout: Layout, parameters: Readonly<Record<string, unknown>>) {
  const unknown = Object.keys(parameters).find((name) => !layout.parameters.includes(name));
  if (unknown !== undefined) {
    const meant = didYouMean(unknown, layout.parameters, "it takes");
    return `there is no parameter "${unknown}": ${meant}`;
  }
  const missing = layout.required.filter((name) => !Object.hasOwn(parameters, name));
  if (missing.length > 0) {
    const takes = layout.parameters.join(", ");
    return `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing; it takes: ${takes}`;
  }
  const fault = layout.check(parameters);
  return fault && `parameters ${fault}`;
}
