import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Measured } from "./load.ts";
import { runJson } from "./process.ts";
import { secret, startSampan } from "./sampan.ts";
import { type Row, table } from "./table.ts";

/** (b) LINE webhook → store → rules → store → Genesys: messages a second and CPU per message. (d) memory, start. */
export async function endToEnd(seconds: number): Promise<readonly Row[]> {
  const { gateway, genesys, webhook, stop } = await startSampan();
  const idle = gateway.memory();
  const count = async () => Number(await (await fetch(`${genesys.url}/count`)).text());
  const loads = { url: webhook, secret, seconds: 3, warmUpSeconds: 0, connections: 64 };
  const run = (more: object) =>
    runJson<Measured>([
      join(import.meta.dirname, "load.ts"),
      JSON.stringify({ ...loads, ...more }),
    ]);
  await run({});
  await drained(count);
  const before = { done: await count(), cpu: gateway.cpuSeconds(), at: performance.now() };
  const { perSecond } = await run({ seconds });
  const accepted = Math.round(perSecond * seconds);
  await drained(count);
  const messages = (await count()) - before.done;
  const elapsed = (performance.now() - before.at) / 1000;
  const cpu = ((gateway.cpuSeconds() - before.cpu) / messages) * 1e6;
  const loaded = gateway.memory();
  await stop();
  const rows: Row[] = [
    {
      what: "delivered to Genesys",
      "per s": messages / elapsed,
      "CPU µs each": cpu,
      lost: accepted - messages,
    },
  ];
  process.stdout.write(`${table(rows)}\n`);
  const memory: Row[] = [
    {
      what: "idle",
      "resident MB": idle.resident,
      "of it not files": idle.anonymous,
      "start ms": gateway.startMs,
    },
    { what: "after the load", "resident MB": loaded.resident, "of it not files": loaded.anonymous },
  ];
  process.stdout.write(`${table(memory)}\n`);
  return [...rows, ...memory];
}

/** Waits until nothing more arrives. */
async function drained(count: () => Promise<number>): Promise<void> {
  for (let last = -1, now = await count(); last !== now; ) {
    await pause(300);
    last = now;
    now = await count();
  }
}
