import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");
const url = (path: string) => JSON.stringify(new URL(path, `file://${root}/`).href);

/** Said in the log by the plug-in below. */
export const moods = {
  threw: "the moody plug-in throws",
  hung: "the moody plug-in hangs",
} as const;

/**
 * A drop-in plug-in that takes the place of the built-in `line` and is the same, but of a thousand deliveries five
 * throw what nobody expects and one hangs for ever, before anything is sent.
 */
const source = (seed: number) => `
import line from ${url("dist/plugins/line/index.js")};
import { createRandom } from ${url("test/torture/random.ts")};

const random = createRandom(${seed} + process.pid);

export default {
  ...line,
  create(config, context) {
    const channel = line.create(config, context);
    return {
      ...channel,
      async send(delivery, signal) {
        if (random.chance(0.005)) {
          context.log.warn("${moods.threw}");
          throw new RangeError("a bug in send");
        }
        if (random.chance(0.001)) {
          context.log.warn("${moods.hung}");
          await new Promise(() => {});
        }
        return channel.send(delivery, signal);
      },
    };
  },
};
`;

/** Puts it beside gateway.yaml, which must name the folder `plugins`. */
export function dropInMoody(folder: string, seed: number): void {
  mkdirSync(join(folder, "plugins", "line"), { recursive: true });
  writeFileSync(join(folder, "plugins", "line", "index.js"), source(seed));
}

/** How often it threw and hung, by the log. */
export const countMoods = (log: readonly string[]): readonly (readonly [string, number])[] =>
  Object.entries(moods).map(([mood, text]) => [
    `the LINE plug-in ${mood}`,
    log.filter((line) => line.includes(text)).length,
  ]);
