import { type Row, table } from "../table.ts";
import { cases } from "./cases.ts";
import { contenders, type Run } from "./contenders.ts";
import { manyRules, shippedRules } from "./rules.ts";

/** What a common kind may take at most, and the load of 1 000 rules. */
const targetMicros = 50;
const targetLoadMs = 2000;

/** Taken in turn so often, and the best counts: other work on the machine only ever adds. */
const rounds = 9;

/**
 * (d) Microseconds from a native event to a canonical message, or from a message to a native payload: the shipped
 * rules against code, JSONata and Liquid that make the same, which is checked before.
 */
export async function mapping(seconds: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const shipped = shippedRules();
  for (const each of cases) {
    const runs = await contenders(each, shipped);
    rows.push(...(await compared(each.name, runs, seconds)));
  }
  rows.push(loading());
  process.stdout.write(`${table(rows)}\n`);
  return rows;
}

async function compared(
  what: string,
  runs: readonly (readonly [string, Run])[],
  seconds: number,
): Promise<readonly Row[]> {
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of runs) {
      const micros = await microsOf(run, (seconds * 1000) / (rounds * runs.length));
      best.set(name, Math.min(micros, best.get(name) ?? Number.POSITIVE_INFINITY));
    }
  }
  const own = best.get("sampan") ?? Number.NaN;
  return [...best].map(([name, micros]) => ({
    what: `${what} ${name}`,
    µs: micros,
    "against sampan": micros / own,
    target: name === "sampan" ? verdict(micros, targetMicros) : undefined,
  }));
}

async function microsOf(run: Run, ms: number): Promise<number> {
  const batch = 100;
  let count = 0;
  const start = performance.now();
  for (;;) {
    for (let i = 0; i < batch; i += 1) {
      const made = run();
      if (made instanceof Promise) await made;
    }
    count += batch;
    const taken = performance.now() - start;
    if (taken >= ms) return (taken * 1000) / count;
  }
}

function loading(): Row {
  const start = performance.now();
  manyRules(1000);
  const ms = performance.now() - start;
  return { what: "load of 1000 rules", ms, target: verdict(ms, targetLoadMs) };
}

const verdict = (value: number, most: number) => `${value <= most ? "within" : "MISSES"} ${most}`;
