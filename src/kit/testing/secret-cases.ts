import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { TSchema } from "typebox";
import type { ChannelPlugin } from "../channel.ts";
import { isSecret } from "../schema.ts";
import { type Case, makeCase } from "./case.ts";
import { type LogEntry, type TestContext, testContext } from "./context.ts";
import type { ChannelFixtures } from "./fixtures.ts";
import { oddBodies } from "./odd.ts";
import { strangeAnswers, trySend } from "./send-cases.ts";
import { openChannel, propertiesOf } from "./shape-cases.ts";

/** Shorter ones are found in innocent text. */
const shortestSecret = 8;

export function secretCases(plugin: ChannelPlugin, fixtures: ChannelFixtures): Case[] {
  return [
    makeCase("keeps secrets and message text out of logs and errors", async () => {
      const secrets = secretsOf(plugin.config, fixtures.config);
      const words = new Map([...secrets, ...hiddenOf(fixtures)]);
      for (const { logs, error } of await everythingSaid(plugin, fixtures)) {
        const said = inspect([logs, error], { depth: 8, maxStringLength: null });
        for (const [word, what] of words) assert.ok(!said.includes(word), `${what} shows`);
      }
    }),
  ];
}

function hiddenOf({ hidden = [] }: ChannelFixtures): [string, string][] {
  return hidden.map((word, index) => [word, `hidden[${index}]`]);
}

/** Secret values of a config with the option's name, also in lists and sections. */
function secretsOf(schema: TSchema, config: object): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(config)) {
    const option: object = propertiesOf(schema)[name] ?? {};
    if (isSecret(option)) {
      for (const secret of Array.isArray(value) ? value : [value]) {
        assert.ok(
          String(secret).length >= shortestSecret,
          `fixtures.config.${name} is too short to be searched for: take ${shortestSecret} characters`,
        );
        found.set(String(secret), `the secret \`${name}\``);
      }
    } else if (typeof value === "object" && value !== null) {
      for (const [secret, what] of secretsOf(option as TSchema, value)) found.set(secret, what);
    }
  }
  return found;
}

interface Said {
  readonly logs: readonly LogEntry[];
  readonly error?: unknown;
}

async function everythingSaid(plugin: ChannelPlugin, fixtures: ChannelFixtures): Promise<Said[]> {
  const { calls = [], forged = [], sends = [] } = fixtures;
  const said: Said[] = [];
  const strange = calls.flatMap(({ call }) => oddBodies.map((body) => ({ ...call, body })));
  for (const call of [...calls, ...forged].map(({ call }) => call).concat(strange)) {
    const context = testContext();
    const channel = openChannel(plugin, fixtures.config, context);
    said.push(await outcome(context, async () => channel.receive?.(call)));
  }
  for (const fixture of sends) {
    const scripts = strangeAnswers().map((answer) => () => answer);
    for (const answers of [fixture.answers, ...scripts]) {
      const { context, error } = await trySend(plugin, fixtures, { ...fixture, answers });
      said.push({ logs: context.logs, error });
    }
  }
  return said;
}

async function outcome(context: TestContext, run: () => Promise<unknown>): Promise<Said> {
  try {
    await run();
    return { logs: context.logs };
  } catch (error) {
    return { logs: context.logs, error };
  }
}
