import { createRequire } from "node:module";
import { join } from "node:path";
import type { Load, Measured } from "./load.ts";
import { runJson } from "./process.ts";
import { isRedisInstalled, startRedis } from "./redis.ts";
import { secret, startContender, startSampan } from "./sampan.ts";
import { type Row, table } from "./table.ts";

const generator = join(import.meta.dirname, "load.ts");
const load = (load: Omit<Load, "secret">) =>
  runJson<Measured>([generator, JSON.stringify({ ...load, secret })]);

interface Contender {
  readonly name: string;
  readonly url: string;
  stop(): Promise<unknown>;
}

/**
 * (a) Webhooks a second, and how long each waits for its 200: Sampan, durable, against Express that keeps nothing; and against
 * Express with BullMQ on Redis, and Node-RED, where they are installed.
 */
export async function intake(seconds: number): Promise<readonly Row[]> {
  const contenders = await startAll();
  const rows: Row[] = [];
  for (const [what, rate] of [
    ["saturated", undefined],
    ["1000/s", 1000],
    ["2500/s", 2500],
  ] as const) {
    let base: number | undefined;
    for (const { name, url } of contenders) {
      const more = rate === undefined ? { connections: 64 } : { rate, connections: 256 };
      const measured = await load({ url, seconds, warmUpSeconds: 4, ...more });
      base ??= measured.perSecond;
      rows.push({
        what: `${what} ${name}`,
        "per s": measured.perSecond,
        ratio: rate === undefined ? measured.perSecond / base : undefined,
        "p50 ms": measured.p50,
        "p99 ms": measured.p99,
        "p99.9 ms": measured.p999,
        failed: measured.failed,
      });
    }
  }
  for (const contender of contenders) await contender.stop();
  process.stdout.write(`${table(rows)}\n`);
  return rows;
}

/** The first one is what the others are compared with. */
async function startAll(): Promise<readonly Contender[]> {
  const express = await startContender("express");
  const sampan = await startSampan();
  const contenders: Contender[] = [
    { name: "express", url: express.url, stop: express.stop },
    { name: "sampan", url: sampan.webhook, stop: sampan.stop },
  ];
  if (isRedisInstalled()) {
    contenders.push(await startBullmq("always"), await startBullmq("everysec"));
  } else process.stdout.write("redis-server is not installed: BullMQ is left out\n");
  if (isNodeRedInstalled()) {
    const { url, stop } = await startContender("node-red");
    contenders.push({ name: "node-red", url, stop });
  } else process.stdout.write("node-red is not installed: it is left out\n");
  return contenders;
}

async function startBullmq(fsync: "always" | "everysec"): Promise<Contender> {
  const redis = await startRedis(fsync);
  const server = await startContender("bullmq", { REDIS_PORT: String(redis.port) });
  return {
    name: `bullmq, AOF ${fsync}`,
    url: server.url,
    async stop() {
      await server.stop();
      await redis.stop();
    },
  };
}

function isNodeRedInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve("node-red");
    return true;
  } catch {
    return false;
  }
}
