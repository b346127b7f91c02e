import { type RuleFunction, SampanError } from "../../kit/index.ts";
import type { Functions } from "../../project.ts";
import { didYouMean } from "../../template/suggest.ts";

/** Rule functions that a test can make give what it wants. */
export interface Stubs {
  readonly functions: readonly Functions[];
  /** From now on these, by name, give these values. Throws `test.stub` for a name that no function has. */
  set(values: Readonly<Record<string, unknown>>): void;
}

export function stubbable(all: readonly Functions[]): Stubs {
  let values: Readonly<Record<string, unknown>> = {};
  const names = all.flatMap(({ functions }) => functions.map(nameOf));
  const wrap = (each: RuleFunction): RuleFunction => {
    const name = nameOf(each);
    const original = each.handler as (...given: unknown[]) => unknown;
    const handler = (...given: unknown[]) =>
      Object.hasOwn(values, name) ? values[name] : (unanswered(each, name) ?? original(...given));
    return { ...each, handler };
  };
  return {
    functions: all.map(({ plugin, functions }) => ({ plugin, functions: functions.map(wrap) })),
    set(wanted) {
      const unknown = Object.keys(wanted).find((name) => !names.includes(name));
      if (unknown !== undefined) {
        throw new SampanError("test.stub", `stubs: there is no function ${unknown}`, {
          hint: didYouMean(unknown, names, "there are"),
        });
      }
      values = wanted;
    },
  };
}

/** No test asks the world outside. */
function unanswered({ async }: RuleFunction, name: string): undefined {
  if (async !== true) return undefined;
  throw new SampanError("test.stub", `${name} is asynchronous: give its answer under stubs:`);
}

const nameOf = ({ signature }: RuleFunction) => signature.slice(0, signature.indexOf("("));
