import type { Job } from "../../src/store/store.ts";
import type { Harness } from "../harness.ts";
import type { Talk } from "./talk.ts";

/** All that is known of a message that the verdict names, for the one who looks for the reason. */
export function storyOf(
  said: string,
  world: Harness,
  { fromLine, fromGenesys }: Talk,
  jobs: readonly Job[],
): readonly string[] {
  const words = [...fromLine, ...fromGenesys].find(({ text }) => said.includes(text));
  if (words === undefined) return [];
  const { id, text } = words;
  const event = jobs.find(({ kind, key }) => kind === "event" && key.replace(/:\w+$/, "") === id);
  const family = jobs.filter((job) => job.id === event?.id || job.parent === event?.id);
  const numbers = new Set(family.map((job) => job.id));
  return [
    ...world.line.received
      .filter(({ messages }) => messages.some((message) => message["text"] === text))
      .map(({ via, key = "no key" }) => `shown by ${via}, ${key}`),
    ...family.map(
      ({ id: job, kind, status, attempts, key, step = "", reason = "", detail = "" }) =>
        `job ${job} ${kind} ${status} ${attempts} attempts ${key} ${step} ${reason} ${detail}`,
    ),
    ...world.log.filter((line) => numbers.has(Number(/"job":(\d+)/.exec(line)?.[1]))),
  ];
}
