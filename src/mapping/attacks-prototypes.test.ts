import { describe, expect, test } from "vitest";
import { outcome, refused } from "./attack-fixture.ts";
import { load } from "./fixture-plugin.ts";

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
    ...["event.list.length", "event.list.constructor", 'event.list["map"]'],
    ...[
      '{"a": 1}.constructor',
      'parseQuery("a=1").constructor',
      'parseQuery("a=1").get',
      'bytes("{}").json().constructor',
    ],
  ])("%s is nothing", (path) => {
    const event = { a: "x", list: [1] };
    expect(["rule.missing", "rule.wrong-types"]).toContain(
      outcome(event, { text: '"x"', value: `dyn(${path})` }, "$< value }"),
    );
  });

  test.each(["[1].constructor", '"".constructor', 'channel["__proto__"]', "from.constructor"])(
    "%s is refused at load: a type is known, and it has no such field",
    (path) => expect(refused(path)).toHaveLength(1),
  );

  test.each(["has(event.toString)", '"toString" in event', '"__proto__" in event'])(
    "%s is false",
    (condition) => expect(outcome({}, { is: condition }, "$< is ? 1 : 0 }!")).toBe("0!"),
  );

  test("keys of objects' own machinery are refused in a file and dropped from a literal", () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const { diagnostics } = load(
        `receive: [{ id: a, on: "*", emit: { kind: text, text: a, attributes: { ${key}: b } } }]`,
      );
      expect(diagnostics.map(({ code }) => code)).toContain("banned");
      const made = outcome({}, { m: `{"${key}": 1, "a": 2}` }, "$< string(size(m)) }");
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
    const made = outcome(evil(), { d: "event.deep[0].a.b" }, "$< d } $<? event.constructor.name }");
    expect(made).toBe("kept ");
    expect(outcome(evil(), { t: "event" }, "$< t }!")).toBe(
      '{"deep":[{"a":{"b":"kept"}}],"data":"constructor=1&__proto__=2&prototype=3&a=4"}!',
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  test("do no harm in a postback's data", () => {
    const lets = { q: "parseQuery(event.data)" };
    expect(outcome(evil(), lets, "$< q.a } $<? q.constructor } $< q }")).toBe('4 1 {"a":"4"}');
  });

  test("do no harm in what a plug-in's function gives", () => {
    const lets = { made: "location.parsed(event.json)" };
    const json = '{"a":{"constructor":"b","c":1},"__proto__":{"d":2}}';
    expect(outcome({ json }, lets, "$< made.a } $<? made.d }")).toBe('{"c":1} ');
  });

  test("nested too deeply are refused, also behind such a key", () => {
    const deep = `${"[".repeat(300)}${"]".repeat(300)}`;
    for (const json of [`{"a":${deep}}`, `{"constructor":1,"a":${deep}}`]) {
      expect(outcome(JSON.parse(json), {}, "x")).toBe("rule.too-deep");
    }
  });
});
