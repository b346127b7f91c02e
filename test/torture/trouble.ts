import type { Fault } from "../../plugins/genesys/simulator-types.ts";
import type { SimulatorFault } from "../../plugins/line/simulator.ts";
import type { Random } from "./random.ts";

/** A text with it is refused by LINE for ever. */
export const poison = "☠";

/** How often each trouble came, by name. */
export type Tally = Map<string, number>;

export const count = (tally: Tally, name: string) => tally.set(name, (tally.get(name) ?? 0) + 1);

const paths = /\/message\/(push|reply)$|\/inbound\/open\//;

/** What may go wrong with a call, and how often of a thousand calls. */
const kinds = [
  ["500", 25],
  ["503", 15],
  ["429", 20],
  ["cut after accept", 20],
  ["hang after accept", 1],
] as const;

function draw(random: Random): (typeof kinds)[number][0] | undefined {
  let at = random.next() * 1000;
  for (const [kind, share] of kinds) {
    at -= share;
    if (at < 0) return kind;
  }
  return undefined;
}

/** Trouble on LINE's side. `tally` counts it as `LINE <kind>`. */
export const lineTrouble =
  (random: Random, tally: Tally) =>
  (path: string, body: string): SimulatorFault | undefined => {
    if (body.includes(poison)) return { path, status: 400, body: { message: "Never" } };
    const kind = paths.test(path) ? draw(random) : undefined;
    if (kind === undefined) return undefined;
    count(tally, `LINE ${kind}`);
    if (kind === "cut after accept") return { path, cut: random.chance(0.5) ? "after" : "before" };
    if (kind === "hang after accept") return { path, cut: "hang" };
    return { path, status: Number(kind) };
  };

/** Trouble on Genesys' side, counted as `Genesys <kind>`. */
export const genesysTrouble =
  (random: Random, tally: Tally) =>
  (path: string): Fault | undefined => {
    const kind = paths.test(path) ? draw(random) : undefined;
    if (kind === undefined) return undefined;
    count(tally, `Genesys ${kind}`);
    if (kind === "cut after accept") return { path, cut: true };
    if (kind === "hang after accept") return { path, cut: "hang" };
    if (kind === "429") return { path, status: 429, headers: { "Retry-After": "0.2" } };
    return { path, status: Number(kind) };
  };
