// `npm run bench [-- intake end-to-end backlog mapping] [--seconds 8] [--json file]`: side by side in one run, as ratios.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { build } from "../test/child.ts";
import { backlog } from "./backlog.ts";
import { endToEnd } from "./end-to-end.ts";
import { intake } from "./intake.ts";
import { mapping } from "./mapping/main.ts";
import type { Row } from "./table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "8" }, json: { type: "string" } },
});
const seconds = Number(values.seconds);
const benches: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  intake: () => intake(seconds),
  "end-to-end": () => endToEnd(seconds),
  backlog: () => backlog([1_000, 100_000, 1_000_000]),
  mapping: () => mapping(seconds),
};

build();
const results: Record<string, readonly Row[]> = {};
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const bench = benches[name];
  if (bench === undefined)
    throw new Error(`no bench "${name}"; there are ${Object.keys(benches).join(", ")}`);
  process.stdout.write(`\n# ${name}\n`);
  results[name] = await bench();
}
if (values.json !== undefined) {
  const machine = { node: process.version, cpus: (await import("node:os")).cpus().length };
  writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
}
