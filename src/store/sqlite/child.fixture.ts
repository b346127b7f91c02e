/**
 * A gateway process for the tests: `node child.fixture.ts <file> <work | wait | open>`.
 * Every line on stdout is written after the fact that it tells was acknowledged by the store.
 */
import { writeSync } from "node:fs";
import Database from "better-sqlite3";
import { SampanError } from "../../kit/errors.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open.ts";

const [file = "", mode = ""] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`);

async function appendForever(store: Store, worker: number): Promise<never> {
  for (let n = 0; ; n++) {
    const key = `${process.pid}-${worker}-${n}`;
    const lane = `lane${(worker + n) % 20}`;
    await store.append(
      [{ kind: "event", channel: "c", lane, key, body: "{}", createdAt: Date.now() }],
      [{ scope: "s", name: key, value: key }],
    );
    say(`appended ${key}`);
  }
}

async function workOne(store: Store): Promise<void> {
  for (const job of store.claim(8, Date.now())) {
    await store.begin(job.id, "push");
    const out = { ...job, kind: "delivery" as const, lane: `out:${job.lane}`, parent: job.id };
    if (job.kind === "event" && job.id % 7 === 0 && job.attempts === 0) {
      const outcome = { kind: "retry", at: Date.now() + 2, reason: "r", detail: "d" } as const;
      await store.settle(job.id, outcome);
      continue;
    }
    await store.settle(
      job.id,
      { kind: "done" },
      job.kind === "event" ? { jobs: [{ ...out, status: "ready" }] } : {},
    );
    say(`settled ${job.kind} ${job.key}`);
  }
}

// Root may write everything: then be somebody else, once all code is loaded.
if (mode === "open" && process.getuid?.() === 0) {
  new Database(":memory:").close();
  process.seteuid?.(65534);
}

try {
  const store = await openSqliteStore({ file, now: Date.now });
  say("opened");
  if (mode === "work") {
    const tick = () => {
      void Promise.all([workOne(store), workOne(store)]).then(() => setImmediate(tick));
    };
    tick();
    for (let worker = 0; worker < 16; worker++) void appendForever(store, worker);
  } else if (mode === "wait") {
    store.onReady(() => {
      for (const { key } of store.claim(10, Date.now())) say(`claimed ${key}`);
    });
    process.stdin.resume();
  } else await store.close();
} catch (error) {
  say(error instanceof SampanError ? `${error.code} ${error.hint}` : String(error));
}
