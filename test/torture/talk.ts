import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { GenesysSimulator } from "../../plugins/genesys/simulator.ts";
import type { LineSimulator } from "../../plugins/line/simulator.ts";
import type { Random } from "./random.ts";
import { poison } from "./trouble.ts";

/** A message that the gateway answered 2xx. */
export interface Acknowledged {
  readonly person: string;
  readonly text: string;
  /** `webhookEventId`, or Genesys' message id. */
  readonly id: string;
  /** Sent again after its neighbours: it may stand anywhere among them. */
  readonly isLate: boolean;
  /** LINE will refuse it for ever. */
  readonly isPoison: boolean;
}

export interface Talk {
  readonly fromLine: Acknowledged[];
  readonly fromGenesys: Acknowledged[];
  /** Calls that were not answered 2xx and were made again. */
  repeated: number;
  duplicates: number;
}

export interface Talkers {
  readonly line: LineSimulator;
  readonly genesys: GenesysSimulator;
  readonly random: Random;
  readonly people: readonly string[];
  /** Messages of one person a second, each way. */
  readonly rate: number;
}

/** Everybody talks until `signal`; what was not acknowledged is repeated, as both platforms do. Resolves when all are done. */
export async function talk(talkers: Talkers, signal: AbortSignal): Promise<Talk> {
  const said: Talk = { fromLine: [], fromGenesys: [], repeated: 0, duplicates: 0 };
  const ways = [customerSays(talkers), agentSays(talkers)];
  await Promise.all(
    talkers.people.flatMap((person) =>
      ways.map(({ post, into }) =>
        converse({ person, post, into: said[into], said, talkers, signal }),
      ),
    ),
  );
  return said;
}

interface Words {
  readonly person: string;
  readonly id: string;
  readonly text: string;
}
type Post = (words: Words) => Promise<number>;
interface Way {
  readonly post: Post;
  readonly into: "fromLine" | "fromGenesys";
}

const customerSays = ({ line }: Talkers): Way => ({
  into: "fromLine",
  post: ({ person, id, text }) =>
    line.say({
      type: "message",
      webhookEventId: id,
      source: { type: "user", userId: person },
      message: { id: `m${id}`, type: "text", text },
    }),
});

const agentSays = ({ genesys }: Talkers): Way => ({
  into: "fromGenesys",
  post: async ({ person, id, text }) => (await genesys.send(person, { id, text })).status,
});

async function converse(part: {
  person: string;
  post: Post;
  into: Acknowledged[];
  said: Talk;
  talkers: Talkers;
  signal: AbortSignal;
}): Promise<void> {
  const { person, post, into, said, talkers, signal } = part;
  const { random, rate } = talkers;
  const isFromAgent = into === said.fromGenesys;
  const late: Words[] = [];
  const tell = async (words: Words, isLate: boolean) => {
    const status = await post(words).catch(() => 0);
    if (status < 200 || status > 299) {
      said.repeated += 1;
      await pause(50);
      return false;
    }
    const isPoison = words.text.includes(poison);
    into.push({ ...words, isLate, isPoison });
    return true;
  };
  for (let number = 1; !signal.aborted || late.length > 0; number += 1) {
    const old = late.shift();
    if (old !== undefined && !(await tell(old, true))) late.unshift(old);
    if (signal.aborted) {
      await pause(50);
      continue;
    }
    const id = randomUUID().replaceAll("-", "");
    const mark = isFromAgent && random.chance(0.005) ? ` ${poison}` : "";
    const words = { person, id, text: `${isFromAgent ? "A" : "C"}${number} ${person}${mark}` };
    if (!(await tell(words, false))) late.push(words);
    else if (random.chance(0.05)) {
      said.duplicates += 1;
      await post(words).catch(() => 0);
    }
    await pause(random.between(0, Math.round(2000 / rate)));
  }
}
