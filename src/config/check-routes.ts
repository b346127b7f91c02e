import type { Diagnostic } from "../kit/index.ts";
import { hintFor } from "./check-value.ts";
import type { Draft } from "./read.ts";

/** What a channel can do, found by making it. */
export interface Able {
  readonly sends: boolean;
  readonly receives: boolean;
}

/** Finds routes that cannot work. `able` has every channel's name; undefined where the channel itself is faulty. */
export function checkRoutes(
  { source, value }: Draft,
  able: ReadonlyMap<string, Able | undefined>,
): Diagnostic[] {
  const seen = new Set<string>();
  return value.routes.flatMap(({ connect }, index) => {
    const place = ["routes", index, "connect"];
    const pair = [...connect].sort().join(" ");
    if (connect[0] === connect[1]) {
      return source.at(place, {
        code: "wrong-route",
        message: `"${connect[0]}" is connected with itself`,
      });
    }
    if (seen.has(pair)) {
      return source.at(place, {
        code: "duplicate",
        message: `${connect.join(" and ")} are connected already`,
      });
    }
    seen.add(pair);
    return connect.flatMap((id, position) => {
      if (!able.has(id)) {
        const hint = hintFor(id, [...able.keys()]);
        return source.at([...place, position], {
          code: "unknown-channel",
          message: `there is no channel "${id}"`,
          hint,
        });
      }
      const abilities = able.get(id);
      if (abilities === undefined || (abilities.sends && abilities.receives)) return [];
      const lacks = abilities.sends ? "receive" : "send";
      return source.at([...place, position], {
        code: "wrong-route",
        message: `the channel "${id}" cannot ${lacks}`,
        hint: "both ends of a connection send and receive",
      });
    });
  });
}
