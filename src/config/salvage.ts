import { compiled } from "./check-value.ts";
import type { Path } from "./document.ts";

/**
 * What is left of a faulty value when its faulty parts are taken out, with the schema's defaults: enough to look for
 * the faults behind the first ones. A list with a faulty entry goes as a whole, so that the others keep their places.
 * `undefined` when nothing is left that fits.
 */
export function salvage(schema: object, value: unknown): unknown {
  const fits = compiled(schema);
  const left: unknown = structuredClone(value);
  while (!fits(left)) {
    const taken = (fits.errors ?? []).filter(({ instancePath, params }) =>
      takeOut(left, pathTo(instancePath, params["additionalProperty"])),
    );
    if (taken.length === 0) return undefined;
  }
  return left;
}

function pathTo(pointer: string, extra: unknown): Path {
  const names = pointer.split("/").slice(1);
  const path = names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  return typeof extra === "string" ? [...path, extra] : path;
}

/** False when it was not there, which ends the search. */
function takeOut(root: unknown, path: Path): boolean {
  let parent: unknown = root;
  for (const [index, name] of path.entries()) {
    if (typeof parent !== "object" || parent === null) return false;
    const inner: unknown = Reflect.get(parent, name);
    const last = index === path.length - 1;
    if ((last || Array.isArray(inner)) && inner !== undefined) {
      return Reflect.deleteProperty(parent, name);
    }
    parent = inner;
  }
  return false;
}
