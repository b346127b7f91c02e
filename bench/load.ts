/**
 * A load generator in a process of its own: `node load.ts <json of Load>` prints the json of a {@link Measured}.
 * Open loop: latency counts from when a request should have begun, so a server that stalls cannot hide it.
 */
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";

export interface Load {
  readonly url: string;
  readonly secret: string;
  readonly seconds: number;
  /** Not counted: what a fresh process still compiles. */
  readonly warmUpSeconds: number;
  /** Requests a second; absent: as fast as `connections` allow. */
  readonly rate?: number;
  readonly connections: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly failed: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

const destination = "Ub0000000000000000000000000000000";

/** A signed LINE webhook with one text of one of a thousand customers. */
function makeCall(secret: string, number: number) {
  const userId = `U${String(number % 1000).padStart(32, "0")}`;
  const event = {
    type: "message",
    mode: "active",
    timestamp: Date.now(),
    webhookEventId: randomUUID(),
    deliveryContext: { isRedelivery: false },
    replyToken: randomUUID().replaceAll("-", ""),
    source: { type: "user", userId },
    message: {
      id: `${10 ** 17 + number}`,
      type: "text",
      quoteToken: "q3Plxr4AgKd",
      text: "こんにちは、注文の件で",
    },
  };
  const body = JSON.stringify({ destination, events: [event] });
  const signature = createHmac("sha256", secret).update(body).digest("base64");
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "x-line-signature": signature,
  };
  return { body, headers };
}

async function measure({
  url,
  secret,
  seconds,
  warmUpSeconds,
  rate,
  connections,
}: Load): Promise<Measured> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const latencies: number[] = [];
  let failed = 0;
  let number = 0;
  const started = performance.now();
  const countFrom = started + warmUpSeconds * 1000;
  const end = countFrom + seconds * 1000;
  const call = async (due: number) => {
    const { body, headers } = makeCall(secret, number++);
    const { statusCode, body: answer } = await pool.request({
      path: pathname,
      method: "POST",
      body,
      headers,
    });
    await answer.dump();
    if (due < countFrom) return;
    if (statusCode === 200) latencies.push(performance.now() - due);
    else failed += 1;
  };
  if (rate === undefined) {
    const worker = async () => {
      while (performance.now() < end) await call(performance.now());
    };
    await Promise.all(Array.from({ length: connections }, worker));
  } else {
    const open = new Set<Promise<void>>();
    for (let due = started; due < end; due += 1000 / rate) {
      const early = due - performance.now();
      if (early > 1) await pause(early);
      const one = call(due).finally(() => open.delete(one));
      open.add(one);
    }
    await Promise.all(open);
  }
  await pool.close();
  latencies.sort((one, other) => one - other);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  return {
    perSecond: latencies.length / seconds,
    failed,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const load: Load = JSON.parse(process.argv[2] ?? "{}");
  process.stdout.write(`${JSON.stringify(await measure(load))}\n`);
}
