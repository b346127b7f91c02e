import { conversation, customer, type Step } from "./conversation.ts";
import { seenByAgent, seenByCustomer } from "./seen.ts";
import { type StartGateway, startWorld, type World } from "./world.ts";

const patienceMs = 8000;

/**
 * Plays one conversation with every kind of message through a real gateway between two simulated
 * platforms and prints what each side received. Gives the exit code: 0, or 1 if anything was lost or wrong.
 */
export async function runDemo(start: StartGateway, print: (line: string) => void): Promise<number> {
  const world = await startWorld(start);
  try {
    print("LINE customer ⇄ Sampan ⇄ Genesys Cloud agent (both platforms simulated, HTTP real)\n");
    const lost: string[] = [];
    for (const step of conversation) lost.push(...(await play(step, world, print)));
    lost.push(...(await receiptFaults(world)));
    const violations = [...world.line.violations, ...world.genesys.violations];
    for (const violation of violations) print(`  ✗ refused by the platform: ${violation}`);
    for (const what of lost) print(`  ✗ ${what}`);
    const { receipts } = world.genesys;
    const delivered = receipts.filter(({ status }) => status === "Delivered").length;
    print(
      `\n${conversation.length} steps · lost: ${lost.length} · refused: ${violations.length} · receipts: ${delivered} delivered`,
    );
    return lost.length + violations.length === 0 ? 0 : 1;
  } finally {
    await world.close();
  }
}

async function play(step: Step, world: World, print: (line: string) => void): Promise<string[]> {
  const seen = () => (step.who === "customer" ? seenByAgent(world) : seenByCustomer(world));
  const before = seen().length;
  const started = performance.now();
  await step.act(world);
  const fresh = () => seen().slice(before);
  const arrived = await until(() => isIn(step.seen, fresh()));
  const took = Math.round(performance.now() - started);
  const arrow = step.who === "customer" ? "LINE    →" : "Genesys →";
  print(`${arrow} ${step.who} ${step.does}  (${took} ms)`);
  for (const line of fresh()) print(`            ${line.replaceAll("\n", "\n            ")}`);
  return arrived ? [] : [`never seen: ${step.who} ${step.does}: ${step.seen.join(" | ")}`];
}

const isIn = (wanted: readonly string[], lines: readonly string[]) =>
  wanted.every((words) => lines.some((line) => line.includes(words)));

/** Every message of the agent must have been reported as delivered. */
async function receiptFaults({ genesys }: World): Promise<string[]> {
  const written = conversation.filter(({ who }) => who === "agent").length;
  const all = await until(() => genesys.receipts.length >= written);
  const failed = genesys.receipts.filter(({ status }) => status !== "Delivered");
  return [
    ...(all ? [] : [`receipts: ${genesys.receipts.length} of ${written}`]),
    ...failed.map(({ reasons }) => `not delivered to ${customer}: ${reasons[0]?.message ?? "?"}`),
  ];
}

async function until(isTrue: () => boolean): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (!isTrue()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}
