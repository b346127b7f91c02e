import { SampanError } from "../../kit/index.ts";

export const kindsOfStart = ["rule", "layout", "mapper", "channel"] as const;
export type KindOfStart = (typeof kindsOfStart)[number];

/** What rules call otherwise: names that an expression sees, words of CEL, names that every object has. */
const taken = new Set(
  [
    "event kind from conversation profile channel message now parameters true false null in as break const",
    "continue else for function if import let loop package namespace return var void while",
    "string bytes int uint double bool list map type optional timestamp duration constructor prototype",
  ].flatMap((words) => words.split(" ")),
);

/** Throws `new.name`. */
export function checkName(kind: KindOfStart, name: string): void {
  const isMapper = kind === "mapper";
  const form = isMapper ? /^[a-z][a-z0-9]{0,39}$/ : /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
  if (!form.test(name) || name.length > 40) {
    throw new SampanError("new.name", `"${name}" cannot be the name of a ${kind}`, {
      hint: isMapper
        ? "small letters and digits, at most 40, a letter first: rules write name.function(…)"
        : "small letters, digits and single - between them, at most 40, a letter first",
    });
  }
  if (isMapper && taken.has(name)) {
    throw new SampanError("new.name", `"${name}" means something else in an expression`, {
      hint: `take a longer one, such as ${name}text`,
    });
  }
}
