import { isMap, isSeq, type Node } from "yaml";
import type { Source } from "../template/source.ts";

const slow: Readonly<Record<string, string>> = {
  pattern: "a regular expression can hang on what a customer writes; use enum, format or maxLength",
  patternProperties: "a regular expression can hang on what a customer writes",
  uniqueItems: "it compares every item with every other; use maxItems",
};
/** Keywords whose value is data and no schema. */
const data = new Set(["enum", "const", "default", "examples"]);

/** Reports the keywords of JSON Schema that take for ever on a hostile value, in the `parameters:` of a layout. */
export function refuseSlowSchemas(source: Source, parameters: Node | null | undefined): void {
  const schemas = (node: Node | null): void => {
    if (isMap(node)) for (const { value } of source.entries(node)) schema(value);
  };
  const schema = (node: Node | null): void => {
    if (isSeq(node)) for (const item of node.items) schema(source.resolve(item));
    if (!isMap(node)) return;
    for (const { key, keyNode, value } of source.entries(node)) {
      const hint = Object.hasOwn(slow, key) ? slow[key] : undefined;
      if (hint !== undefined) {
        const message = `"${key}" is not available in the parameters of a layout`;
        source.report(source.placeOfNode(keyNode), { code: "banned", message, hint });
      } else if (key === "properties") schemas(value);
      else if (!data.has(key)) schema(value);
    }
  };
  schemas(parameters ?? null);
}
