import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RuleFunction } from "../kit/index.ts";
import { pigeon, received } from "./fixture-plugin.ts";
import { loadMapping } from "./mapping.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type Ask = (name: string, signal: AbortSignal) => Promise<unknown>;

/** A mapping whose rules can call `crm.tier(text)`; what was asked of it, in order. */
function stage(rules: string, ask: Ask, more: Partial<RuleFunction> = {}) {
  const asked: string[] = [];
  const tier: RuleFunction = {
    signature: "crm.tier(string): string",
    doc: "The customer's tier",
    async: true,
    ...more,
    handler: (name: string, signal: AbortSignal) => {
      asked.push(name);
      return ask(name, signal);
    },
  };
  const { mapping, diagnostics } = loadMapping({
    channel: "coop",
    plugin: pigeon,
    options: {},
    files: [{ file: "pigeon.yaml", text: rules.replaceAll("$<", "${") }],
    layouts: [],
    functions: [{ plugin: "crm", functions: [tier] }],
  });
  const receive = (event: unknown): Promise<unknown> => {
    if (mapping === undefined) throw new Error(JSON.stringify(diagnostics));
    return mapping.answered(() => {
      const [made] = mapping.receive(received("any", event)).out;
      return made !== undefined && "text" in made ? made.text : made;
    });
  };
  return { asked, diagnostics, mapping, receive };
}

const rule = (expression: string) =>
  `receive: [{ id: a, on: "*", let: { t: '${expression}' }, emit: { kind: text, text: "$< t }!" } }]`;
const hang: Ask = () => new Promise(() => {});

describe("an async function", () => {
  test("is awaited in let", async () => {
    const { receive, asked } = stage(rule("crm.tier(event.name)"), async (name) => `gold ${name}`);
    expect(await receive({ name: "Mai" })).toBe("gold Mai!");
    expect(asked).toEqual(["Mai"]);
  });

  test("may ask with the answer of another, inside &&, exists and a loop", async () => {
    const { receive, asked } = stage(
      rule('event.names.exists(n, crm.tier(crm.tier(n)) == "b22") && true'),
      async (name) => `${name}2`,
    );
    expect(await receive({ names: ["a", "b"] })).toBe("true!");
    expect(asked).toEqual(["a", "a2", "b", "b2"]);
  });

  test.each([
    ["when", `{ id: a, on: "*", when: 'crm.tier("x") == "y"', emit: drop }`],
    ["emit", `{ id: a, on: "*", emit: { kind: text, text: "$< crm.tier('x') }" } }`],
    [
      "$let",
      `{ id: a, on: "*", emit: { $let: { t: 'size([crm.tier("x")])' }, kind: text, text: a } }`,
    ],
  ])("is refused in %s", (_, text) => {
    const { diagnostics } = stage(`receive: [${text}]`, hang);
    expect(diagnostics).toMatchObject([
      { code: "async-here", hint: "name its answer in let: and write that name here" },
    ]);
  });

  test("fails the rule after its timeout, and is told to stop", async () => {
    let stopped: AbortSignal | undefined;
    const { receive } = stage(
      rule('crm.tier("x")'),
      (_name, signal) => {
        stopped = signal;
        return new Promise(() => {});
      },
      { timeoutMs: 500 },
    );
    const failed = expect(receive({})).rejects.toMatchObject({
      code: "rule.function",
      message: expect.stringContaining("crm.tier(string): string gave no answer within 500 ms"),
      hint: expect.stringContaining("default(call, other)"),
    });
    await vi.advanceTimersByTimeAsync(499);
    expect(stopped?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await failed;
    expect(stopped?.aborted).toBe(true);
  });

  test("that fails is forgiven by default(), and never quoted", async () => {
    const down: Ask = async () => {
      throw new TypeError("secret words");
    };
    const guarded = stage(rule('default(crm.tier("x"), "none")'), down);
    expect(await guarded.receive({})).toBe("none!");
    const bare = stage(rule('crm.tier("x")'), down);
    const error: unknown = await bare.receive({}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "rule.function" });
    expect(String(error)).not.toContain("secret");
  });

  test("waits two seconds unless it says otherwise", async () => {
    const { receive } = stage(rule('default(crm.tier("x"), "none")'), hang);
    const answer = receive({});
    await vi.advanceTimersByTimeAsync(1999);
    expect(await Promise.race([answer, Promise.resolve("waits")])).toBe("waits");
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toBe("none!");
  });

  test("is asked again when the cache has forgotten, for each key on its own", async () => {
    const { receive, asked } = stage(rule("crm.tier(event.name)"), async (name) => name, {
      cacheSeconds: 10,
    });
    await receive({ name: "a" });
    await receive({ name: "b" });
    await vi.advanceTimersByTimeAsync(9_999);
    await receive({ name: "a" });
    expect(asked).toEqual(["a", "b"]);
    await vi.advanceTimersByTimeAsync(1);
    await receive({ name: "a" });
    expect(asked).toEqual(["a", "b", "a"]);
  });

  test("is asked each time without a cache, and failures are not kept", async () => {
    const plain = stage(rule('crm.tier("x")'), async () => "y");
    await plain.receive({});
    await plain.receive({});
    expect(plain.asked).toHaveLength(2);
    let down = true;
    const flaky = stage(
      rule('default(crm.tier("x"), "none")'),
      async () => {
        if (down) throw new Error("down");
        return "up";
      },
      { cacheSeconds: 60 },
    );
    expect(await flaky.receive({})).toBe("none!");
    down = false;
    expect(await flaky.receive({})).toBe("up!");
  });

  test("serves two runs that ask the same at the same time with one call", async () => {
    const { receive, asked } = stage(rule("crm.tier(event.name)"), async (name) => name);
    const all = [receive({ name: "a" }), receive({ name: "b" }), receive({ name: "a" })];
    expect(await Promise.all(all)).toEqual(["a!", "b!", "a!"]);
    expect(asked).toEqual(["a", "b"]);
  });

  test("cannot be called without end", async () => {
    const { receive, asked } = stage(rule("event.list.map(x, crm.tier(x))"), async (name) => name);
    const list = Array.from({ length: 100 }, (_, i) => String(i));
    await expect(receive({ list })).rejects.toMatchObject({ code: "rule.too-many-calls" });
    expect(asked.length).toBeLessThan(30);
  });

  test("cannot bring the keys of prototypes, and a timeout beyond reason is refused", async () => {
    const json = '{"__proto__":{"a":1},"constructor":1,"b":2}';
    const { receive } = stage(rule('crm.tier("x")'), async () => JSON.parse(json) as unknown);
    expect(await receive({})).toBe('{"b":2}!');
    expect(() => stage(rule('crm.tier("x")'), hang, { timeoutMs: 1e9 })).toThrow("timeoutMs");
  });

  test("cannot be waited for by a run that is synchronous", () => {
    const { mapping } = stage(rule('crm.tier("x")'), hang);
    expect(() => mapping?.receive(received("any", {}))).toThrow("nothing can wait for it here");
  });
});
