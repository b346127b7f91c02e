import { join } from "node:path";
import type { Load, Measured } from "./load.ts";
import { runJson } from "./process.ts";
import { secret, startExpress, startSampan } from "./sampan.ts";
import { type Row, table } from "./table.ts";

const generator = join(import.meta.dirname, "load.ts");
const load = (load: Omit<Load, "secret">) =>
  runJson<Measured>([generator, JSON.stringify({ ...load, secret })]);

/** (a) Webhooks a second, and how long each waits for its 200: Sampan, durable, against Express that keeps nothing. */
export async function intake(seconds: number): Promise<readonly Row[]> {
  const sampan = await startSampan();
  const express = await startExpress();
  const rows: Row[] = [];
  for (const [what, rate] of [
    ["saturated", undefined],
    ["1000/s", 1000],
    ["2500/s", 2500],
  ] as const) {
    const measured = new Map<string, Measured>();
    for (const [name, url] of [
      ["express", express.url],
      ["sampan", sampan.webhook],
    ] as const) {
      const more = rate === undefined ? { connections: 64 } : { rate, connections: 256 };
      measured.set(name, await load({ url, seconds, warmUpSeconds: 4, ...more }));
    }
    const base = measured.get("express")?.perSecond ?? Number.NaN;
    for (const [name, { perSecond, p50, p99, p999, failed }] of measured) {
      const ratio = rate === undefined ? perSecond / base : undefined;
      rows.push({
        what: `${what} ${name}`,
        "per s": perSecond,
        ratio,
        "p50 ms": p50,
        "p99 ms": p99,
        "p99.9 ms": p999,
        failed,
      });
    }
  }
  await sampan.stop();
  await express.stop();
  process.stdout.write(`${table(rows)}\n`);
  return rows;
}
