// `npm run torture [-- --seconds 60 --seed 1 --people 20 --rate 4]`: the built gateway under load in both directions, while
// platforms and plug-ins fail, processes die and the disk fills. At the end every acknowledged message must be accounted for.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Job, Store } from "../../src/store/store.ts";
import { asChild, build, type ChildGateway } from "../child.ts";
import { startHarness } from "../harness.ts";
import { countMoods, dropInMoody } from "./moody.ts";
import { createRandom } from "./random.ts";
import { shake } from "./shocks.ts";
import { storyOf } from "./story.ts";
import { talk } from "./talk.ts";
import { genesysTrouble, lineTrouble, type Tally } from "./trouble.ts";
import { judge, type Verdict } from "./verdict.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    people: { type: "string", default: "20" },
    rate: { type: "string", default: "4" },
    log: { type: "boolean", default: false },
  },
});
const [seconds = 60, seed = 1, people = 20, rate = 4] = [
  values.seconds,
  values.seed,
  values.people,
  values.rate,
].map(Number);

const print = (line: string) => process.stdout.write(`${line}\n`);

build();
const tally: Tally = new Map();
let child: ChildGateway | undefined;
const gateway = () => {
  if (child === undefined) throw new Error("no gateway runs");
  return child;
};
const world = await startHarness({
  trouble: {
    line: lineTrouble(createRandom(seed), tally),
    genesys: genesysTrouble(createRandom(seed + 1), tally),
  },
  prepare: (folder) => dropInMoody(folder, seed),
  edit: (yaml) =>
    yaml
      .replace("\nchannels:\n", "\nplugins: [plugins]\nchannels:\n")
      .replace("longestPause: 300ms", "$&, attemptTimeout: 3s"),
  environment: { NODE_OPTIONS: `--import ${new URL("clock.ts", import.meta.url).href}` },
  launch: asChild((launched) => {
    child = launched;
  }),
});
const file = `${world.folder}/data/sampan.db`;
print(`seed ${seed}: ${people} people, ${rate} messages a second each way, ${seconds} s`);

const end = AbortSignal.timeout(seconds * 1000);
const persons = Array.from({ length: people }, (_, n) => `U${String(n).padStart(32, "0")}`);
const talkers = { line: world.line, genesys: world.genesys, random: createRandom(seed + 2) };
const [said] = await Promise.all([
  talk({ ...talkers, people: persons, rate }, end),
  shake({ world, gateway, file, random: createRandom(seed + 3) }, tally, end),
]);
const drained = await drain();
const jobs = await allJobs();
const verdict = judge(world, said, jobs);
report(verdict);
await world.close();
const bad = [verdict.lost, verdict.doubled, verdict.reordered, verdict.untrue].flat();
process.exitCode = bad.length === 0 && drained ? 0 : 1;

/** Waits until nothing is left to do; false when that takes more than two minutes. */
async function drain(): Promise<boolean> {
  const store = await openShared();
  const deadline = Date.now() + 120_000;
  try {
    for (let quiet = 0; quiet < 4; ) {
      if (Date.now() > deadline) return false;
      const ready = await store.list({ status: ["ready"], limit: 1 });
      quiet = ready.length === 0 ? quiet + 1 : 0;
      await pause(250);
    }
    return true;
  } finally {
    await store.close();
  }
}

async function allJobs(): Promise<readonly Job[]> {
  const store = await openShared();
  try {
    return await store.list({ limit: 10_000_000 });
  } finally {
    await store.close();
  }
}

function openShared(): Promise<Store> {
  return openSqliteStore({ file, now: Date.now, shared: true });
}

function report(verdict: Verdict): void {
  const rows: readonly (readonly [string, number | string])[] = [
    ["acknowledged from LINE", said.fromLine.length],
    ["acknowledged from Genesys", said.fromGenesys.length],
    ["calls repeated by the platforms", said.repeated],
    ["webhooks sent twice", said.duplicates],
    ...[...tally].sort(([one], [other]) => one.localeCompare(other)),
    ...countMoods(world.log),
    ["seen by agents", verdict.toAgent],
    ["seen by customers", verdict.toCustomer],
    ["copies that Genesys knows by messageId", verdict.resent],
    ["failed, with a reason", verdict.failed],
    ["held, for a person", verdict.held],
    ["lost", verdict.lost.length],
    ["doubled", verdict.doubled.length],
    ["reordered", verdict.reordered.length],
    ["untrue or unaccounted", verdict.untrue.length],
    ["drained", drained ? "yes" : "no"],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) print(`${name.padEnd(width)}  ${String(value).padStart(7)}`);
  for (const list of [verdict.lost, verdict.doubled, verdict.reordered, verdict.untrue]) {
    for (const line of list.slice(0, 10)) {
      print(`  ! ${line}`);
      for (const part of storyOf(line, world, said, jobs)) print(`      ${part}`);
    }
  }
  if (values.log) for (const line of world.log) print(line);
}
