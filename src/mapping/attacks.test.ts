import { describe, expect, test } from "vitest";
import { formatDiagnostic, type Message, SampanError } from "../kit/index.ts";
import { conversation, load, now, received } from "./fixture-plugin.ts";

/** What is tried to break out of a rule, hang it or fill the memory. Each is stopped by its own defence. */

const yaml = (text: string) => text.replaceAll("$<", "${");
const quoted = (expression: string) => `'${expression.replaceAll("'", "''")}'`;

/** Codes of what is found in a rule for any event whose `let` holds this expression. */
const refused = (expression: string): readonly string[] =>
  load(`receive: [{ id: a, on: "*", let: { x: ${quoted(expression)} }, emit: drop }]`)
    .diagnostics.filter(({ severity }) => severity === "error")
    .map(({ code }) => code);

function loaded(text: string) {
  const { mapping, diagnostics } = load(yaml(text));
  if (mapping === undefined) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return mapping;
}

/** What a rule with this `let` and text makes of an event; the code of what it throws. */
function outcome(event: unknown, lets: Record<string, string>, text = ""): unknown {
  const names = Object.entries(lets).map(([name, value]) => `${name}: ${quoted(value)}`);
  const mapping = loaded(
    `receive: [{ id: a, on: "*", let: { ${names.join(", ")} }, emit: { kind: text, text: ${quoted(text)} } }]`,
  );
  return attempt(() => (mapping.receive(received("any", event)).out[0] as { text: string }).text);
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof SampanError) return error.code;
    throw error;
  }
}

const long = "x".repeat(600_000);
const many = Array.from({ length: 100_000 }, () => "x");

describe("prototypes and globals", () => {
  test.each([
    ...["constructor", "__proto__", "process", "globalThis", "require", "toString", "this"],
    ...["Object", "eval", "hasOwnProperty", "arguments", "import", "module"],
  ])("%s is no variable", (name) => {
    expect(refused(name)).toHaveLength(1);
    expect(refused(`${name}.env`)).toHaveLength(1);
  });

  test.each([
    ...["event.constructor", "event.__proto__", "event.toString", "event.a.constructor.name"],
    ...[
      'event["constructor"]',
      'event["__proto__"]',
      'event["constr" + "uctor"]',
      "event.a.length",
    ],
    ...["event.list.length", "event.list.constructor", 'event.list["map"]', "text.constructor"],
    ...['{"a": 1}.constructor', "[1].constructor", '"".constructor', 'channel["__proto__"]'],
    ...['parseQuery("a=1").constructor', 'parseQuery("a=1").get', 'bytes("{}").json().constructor'],
  ])("%s is nothing", (path) => {
    const event = { a: "x", list: [1] };
    expect(["rule.missing", "rule.wrong-types"]).toContain(
      outcome(event, { text: '"x"', value: `dyn(${path})` }, "${ value }"),
    );
  });

  test.each(["has(event.toString)", '"toString" in event', '"__proto__" in event'])(
    "%s is false",
    (condition) => expect(outcome({}, { is: condition }, "${ is ? 1 : 0 }!")).toBe("0!"),
  );

  test("keys of objects' own machinery are refused in a file and dropped from a literal", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const { diagnostics } = load(
        `receive: [{ id: a, on: "*", emit: { kind: text, text: a, attributes: { ${key}: b } } }]`,
      );
      expect(diagnostics.map(({ code }) => code)).toContain("banned");
      const made = outcome({}, { m: `{"${key}": 1, "a": 2}` }, "${ string(size(m)) }");
      expect(made).toBe("1");
    }
  });

  test("a function cannot be taken as a value, written over, or made", () => {
    const attempts = [
      "size",
      "text = 5",
      "x => x",
      "(x) { x }",
      "event.a = 1",
      "new event",
      "event.a++",
    ];
    for (const each of attempts) expect(refused(each)).toHaveLength(1);
  });
});

describe("inputs that carry the keys of prototypes", () => {
  const evil = (): unknown =>
    JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"name":"x"},"prototype":2,"deep":[{"a":{"constructor":1,"b":"kept"}}],"data":"constructor=1&__proto__=2&prototype=3&a=4"}',
    );

  test("do no harm, at the top and deep inside", () => {
    const made = outcome(evil(), { d: "event.deep[0].a.b" }, "${ d } ${? event.constructor.name }");
    expect(made).toBe("kept ");
    expect(outcome(evil(), { t: "event" }, "${ t }")).toBe(
      '{"deep":[{"a":{"b":"kept"}}],"data":"constructor=1&__proto__=2&prototype=3&a=4"}',
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("do no harm in a postback's data", () => {
    const lets = { q: "parseQuery(event.data)" };
    expect(outcome(evil(), lets, "${ q.a } ${? q.constructor } ${ q }")).toBe('4 1 {"a":"4"}');
  });

  test("do no harm in what a plug-in's function gives", () => {
    const lets = { made: "location.parsed(event.json)" };
    const json = '{"a":{"constructor":"b","c":1},"__proto__":{"d":2}}';
    expect(outcome({ json }, lets, "${ made.a } ${? made.d }")).toBe('{"c":1} ');
  });

  test("nested too deeply are refused, also behind such a key", () => {
    const deep = `${"[".repeat(300)}${"]".repeat(300)}`;
    for (const json of [`{"a":${deep}}`, `{"constructor":1,"a":${deep}}`]) {
      expect(outcome(JSON.parse(json), {}, "x")).toBe("rule.too-deep");
    }
  });
});

describe("what would never end", () => {
  const nested = (depth: number, body: string) =>
    Array.from({ length: depth }).reduceRight<string>(
      (inner, _, level) => `event.list.map(x${level}, ${inner})`,
      body,
    );

  test("loops nested three deep are refused at load, two deep are stopped by their turns", () => {
    expect(refused(nested(3, "1"))).toEqual(["too-deep"]);
    expect(refused(nested(5, "1"))).toEqual(["too-deep"]);
    const list = many.slice(0, 1000);
    expect(outcome({ list }, { x: nested(2, "1") })).toBe("rule.too-many-steps");
  });

  test("hidden in cel.bind, exists, && and default, loops count all the same", () => {
    const list = many.slice(0, 1000);
    for (const condition of [
      "event.list.exists(a, event.list.exists(b, a + b == 'no'))",
      "true || event.list.all(a, event.list.all(b, a == b))",
      "event.list.all(a, event.list.all(b, a == b)) || true",
      "cel.bind(l, event.list, l.exists_one(a, l.exists_one(b, a + b == 'no')))",
      "default(event.none, event.list.filter(a, event.list.filter(b, a == b).size() == 0).size()) == 0",
    ]) {
      const expected = condition.startsWith("true") ? "" : "rule.too-many-steps";
      expect(outcome({ list }, { x: condition })).toBe(expected);
    }
  });

  test("loops spread over many let values share one number of turns", () => {
    const list = many.slice(0, 60_000);
    expect(outcome({ list }, { a: "event.list.map(x, x)" })).toBe("");
    const both = { a: "event.list.map(x, x)", b: "event.list.map(x, x)" };
    expect(outcome({ list }, both)).toBe("rule.too-many-steps");
  });

  test("regular expressions and durations from outside are refused", () => {
    expect(refused('event.a.matches("(a+)+$")')).toEqual(["banned"]);
    expect(refused("duration(event.a)")).toEqual(["banned"]);
    expect(refused('duration("90m")')).toEqual([]);
    const layout = (schema: string) =>
      load(
        "{}",
        `{ layout: l, parameters: { pattern: ${schema} }, emit: { type: note, text: x } }`,
      );
    for (const schema of [
      '{ type: string, pattern: "(a+)+$" }',
      '{ type: object, patternProperties: { "(a+)+$": {} } }',
      "{ type: array, items: { type: array, uniqueItems: true } }",
    ]) {
      expect(layout(schema).diagnostics.map(({ code }) => code)).toEqual(["banned"]);
    }
    expect(layout("{ type: string, enum: [{ pattern: x }] }").diagnostics).toEqual([]);
  });

  test("an expression nested or grown too large is refused, and does not overflow the stack", () => {
    for (const depth of [60, 300, 100_000]) {
      expect(refused(`${"(".repeat(depth)}1${")".repeat(depth)}`)).toEqual(["too-large"]);
    }
    expect(refused(`event${".a".repeat(300)}`)).toEqual(["too-large"]);
    expect(refused(Array.from({ length: 300 }, () => "1").join(" + "))).toEqual(["too-large"]);
  });

  test.each([
    ["searching a list in a loop", "event.list.filter(a, !(a + 'y' in event.list))"],
    ["counting a long text in a loop", "event.list.filter(a, size(event.long) == 0)"],
    ["comparing long texts in a loop", "event.list.filter(a, event.long + a < event.long + 'y')"],
    ["reading a long text in a loop", "event.list.filter(a, event.long.trim() == a)"],
    ["comparing trees in a loop", "event.list.filter(a, [event.list] == [event.list + ['z']])"],
    ["asking a plug-in about a tree in a loop", "event.list.map(a, location.weigh([event.list]))"],
    ["time zones in a loop", "event.list.map(a, timestamp(now).getHours('Asia/Bangkok'))"],
  ])("%s is stopped", (_, expression) => {
    expect(outcome({ list: many, long }, { x: expression })).toBe("rule.too-much");
  });
});

describe("what would fill the memory", () => {
  const doubled = (first: string, plus: (name: string) => string) =>
    Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`s${i}`, i === 0 ? first : plus(`s${i - 1}`)]),
    );

  test.each([
    ["a text", "event.text", (s: string) => `${s} + ${s}`],
    ["a list", '["x"]', (s: string) => `${s} + ${s}`],
    ["bytes", "bytes(event.text)", (s: string) => `${s} + ${s}`],
    ["a text through its parts", "event.text", (s: string) => `[${s}, ${s}].join("")`],
    ["a text through replace", "event.text", (s: string) => `${s}.replace("x", "xx")`],
    ["a text through replace of nothing", "event.text", (s: string) => `${s}.replace("", "x")`],
    ["a tree", '["x"]', (s: string) => `[${s}, ${s}]`],
  ])("doubling %s again and again is stopped", (_, first, plus) => {
    const lets = doubled(first, plus);
    // A tree of shared parts takes no room until it is written out.
    expect(outcome({ text: "x" }, lets, "${ s39 }")).toBe("rule.too-much");
  });

  test("doubling inside one expression is stopped", () => {
    const bind = (n: number): string =>
      n === 0 ? "size(s0)" : `cel.bind(s${n - 1}, s${n} + s${n}, ${bind(n - 1)})`;
    expect(outcome({}, { s26: '"xxxxxxxxxxxxxxxx"', n: bind(26) })).toBe("rule.too-much");
  });

  test.each([
    ["join between long texts", "event.list.join(event.long)"],
    ["replacing every letter by a long text", 'event.long.replace("x", event.long)'],
    ["splitting a long text in a loop", 'event.list.map(a, event.long.split(""))'],
  ])("%s is stopped before it is made", (_, expression) => {
    expect(outcome({ list: many, long }, { x: expression })).toBe("rule.too-much");
  });

  const loop = (body: string) => `
    receive:
      - { id: a, on: "*", let: { long: event.long }, emit: [{ $for: x in event.list, ${body} }] }`;
  test.each([
    ["texts written into a text", 'kind: text, text: "$< long }$< long }"'],
    [
      "the whole event written again and again",
      'kind: text, attributes: { a: "$< event }" }'.slice(0, -2),
    ],
    ["long texts written again and again", 'kind: text, text: "$< long }"'],
    ["literals written again and again", `kind: text, text: ${"y".repeat(300)}`],
    ["keys written again and again", `kind: text, ${"k".repeat(300)}: 1`],
    ["lists of literals", `$value: [${"y".repeat(300)}, 1]`],
  ])("%s are stopped", (_, body) => {
    const closing = body.split("{").length > body.split("}").length ? " }" : "";
    const { mapping } = load(yaml(loop(body + closing).replaceAll("kind: text", "kind: text")));
    const event = { list: many, long };
    expect(attempt(() => mapping?.receive(received("any", event)))).toBe("rule.too-much");
  });

  test("what $join puts together is counted", () => {
    const text = `
      receive:
        - id: a
          on: "*"
          emit: { kind: text, text: { $join: [{ $for: x in event.list, $value: a }], $with: ${"-".repeat(500)} } }`;
    const mapping = loaded(text);
    const event = { list: many.slice(0, 50_000) };
    expect(attempt(() => mapping.receive(received("any", event)))).toBe("rule.too-much");
  });

  test("a text as long as a webhook may be is no attack", () => {
    const lets = { a: "event.long.trim()", b: 'a.replace("x", "y")', c: "size(b)" };
    expect(outcome({ long }, lets, "${ truncateUnits(b, 3) } ${ c }")).toBe("yyy 600000");
  });

  test("many fields and deep lists of an ordinary event are no attack", () => {
    const event = Object.fromEntries(many.slice(0, 20_000).map((x, i) => [`${x}${i}`, i]));
    expect(outcome(event, { n: "size(event)" }, "${ n }!")).toBe("20000!");
  });
});

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

  test("a tree of a hundred thousand levels is refused and does not overflow the stack", () => {
    expect(codes(`a: ${"[".repeat(100_000)}${"]".repeat(100_000)}`)).toEqual(["yaml"]);
    expect(codes(`a: ${"[".repeat(150)}${"]".repeat(150)}`)).toEqual(["too-large"]);
  });

  test("a file with very many keys or characters is read or refused, but does not hang", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n");
    expect(codes(keys)).toHaveLength(20_000);
    expect(codes(`${keys}\nk5: 2`)).toEqual(["yaml"]);
    expect(codes(`a: ${"x".repeat(3_000_000)}`)).toEqual(["too-large"]);
  });
});

describe("values", () => {
  test("are never read as templates, YAML or JSON", () => {
    const injected = 'text=$<event.source.userId} {{x}} "q"\\n: *a &b <<: # ${ now } $join';
    const text = outcome({ data: injected, now }, { a: "event.data" }, "[${ a }] ${? event.data }");
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
