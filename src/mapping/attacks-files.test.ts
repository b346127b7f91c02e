import { describe, expect, test } from "vitest";
import type { Message } from "../kit/index.ts";
import { loaded, outcome } from "./attack-fixture.ts";
import { conversation, load, now, received } from "./fixture-plugin.ts";

describe("files", () => {
  const codes = (text: string) => load(text).diagnostics.map(({ code }) => code);

  test("a billion laughs are refused at once, in a rule, a layout and a file of tests", () => {
    const laughs = Array.from({ length: 40 }, (_, i) =>
      i === 0 ? "a0: &a0 [ha, ha]" : `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`,
    ).join("\n");
    expect(codes(laughs)).toEqual(["too-large"]);
    expect(load("{}", `layout: l\n${laughs}`).diagnostics.map(({ code }) => code)).toEqual([
      "too-large",
    ]);
  });

  test("an anchor inside itself is refused", () => {
    expect(codes("receive: &a [*a]")).toEqual(["too-large"]);
    expect(codes("&a\n<<: *a\nx: 1")).toEqual(["too-large"]);
    expect(codes("a: &a { <<: { b: *a } }")).toEqual(["too-large"]);
  });

  test("a tree of twenty thousand levels is refused and does not overflow the stack", () => {
    expect(codes(`a: ${"[".repeat(20_000)}${"]".repeat(20_000)}`)).toEqual(["yaml"]);
    expect(codes(`a: ${"[".repeat(150)}${"]".repeat(150)}`)).toEqual(["too-large"]);
  });

  test("a file with very many keys or characters is read or refused, but does not hang", () => {
    const keys = Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join("\n");
    expect(codes(keys)).toHaveLength(5_000);
    expect(codes(`${keys}\nk5: 2`)).toEqual(["yaml"]);
    expect(codes(`a: ${"x".repeat(3_000_000)}`)).toEqual(["too-large"]);
  });
});

describe("values", () => {
  test("are never read as templates, YAML or JSON", () => {
    const injected = `text=\${event.source.userId} {{x}} "q"\n: *a &b <<: # \${ now } $join`;
    const text = outcome({ data: injected, now }, { a: "event.data" }, "[$< a }] $<? event.data }");
    expect(text).toBe(`[${injected}] ${injected}`);
  });

  test("are what they were afterwards, whatever a rule does with them", () => {
    const mapping = loaded(`
      receive:
        - id: a
          on: "*"
          let: { l: event.list, m: "event.list.map(x, [x]).filter(x, true) + [l]", q: 'parseQuery("a=1")' }
          emit: [{ kind: template, name: n, text: t, parameters: { l: "$< l }", m: "$< m }", e: "$< event }", q: "$< q }" } }]
      send:
        - { id: b, on: template, emit: { type: note, text: "$< message.parameters.l[0] }" } }`);
    const frozen = deepFrozen(received("any", { list: ["1", { a: ["2"] }], more: { b: null } }));
    const [made] = mapping.receive(frozen).out;
    // What was made shares nothing with what came in: the flow may write into it.
    expect(isAnyFrozen(made)).toBe(false);
    const envelope = { id: "1", channel: "c", conversation, from: {}, sentAt: now, native: {} };
    const message = deepFrozen({ ...envelope, ...made }) as unknown as Message;
    expect(mapping.send({ message, now }).out).toEqual([{ type: "note", text: "1" }]);
  });
});

function deepFrozen<T>(value: T): T {
  if (value !== null && typeof value === "object") {
    for (const inner of Object.values(value)) deepFrozen(inner);
    Object.freeze(value);
  }
  return value;
}

const isAnyFrozen = (value: unknown): boolean =>
  value !== null &&
  typeof value === "object" &&
  (Object.isFrozen(value) || Object.values(value).some(isAnyFrozen));
