import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { truncate, truncateUnits } from "./builtins.ts";
import { Engine } from "./cel.ts";
import { Expressions } from "./expression.ts";
import { noGuards } from "./guards.ts";
import { splitParts } from "./parts.ts";
import { Source } from "./source.ts";
import { Templates } from "./template.ts";
import { emptyTypes } from "./types.ts";
import { absent, plain, safeJson } from "./values.ts";

/** Compiles and runs a template over unchecked variables; `$<` stands for `${`. */
function run(text: string, values: Record<string, unknown> = {}) {
  const source = new Source({ file: "t.yaml", text: text.replaceAll("$<", "${") });
  const templates = new Templates(new Expressions(source, new Engine()));
  const variables = new Map(Object.keys(values).map((name) => [name, "dyn"]));
  const scope = { variables, types: emptyTypes(), guards: noGuards };
  const compiled =
    source.contents === undefined ? () => absent : templates.compile(source.contents, scope, "out");
  const places = source.diagnostics.map(({ line, column, code }) => `${line}:${column} ${code}`);
  return places.length > 0 ? places : compiled(values);
}

describe("templates", () => {
  test("a text that is one expression has its value, any other is text", () => {
    const values = { n: 13, d: 13.75, items: [1, 2], o: { a: null } };
    expect(
      run("['$< n }', 'n=$< n }', '$< d }', '$< items }', '$< items }!', '$$< n }']", values),
    ).toEqual([13, "n=13", 13.75, [1, 2], "[1,2]!", "$" + "{ n }"]);
    expect(run("{ a: '$<? o.a }', b: 'x$<? o.b }y', c: [ '$<? o.c }', 1 ] }", values)).toEqual({
      b: "xy",
      c: [1],
    });
  });

  test("directives loop, choose, join and name", () => {
    const values = { items: [{ k: "a" }, { k: "b" }, { k: "c" }], no: [] };
    const text = `
list:
  - first
  - { $for: "x, i in items", $where: 'x.k != "a"', $let: { up: x.k.upperAscii() }, $max: 1, key: "$< up }$< i }" }
  - { $for: x in no, key: never }
one: { $first: [{ $if: size(items) > 5, a: 1 }, { $value: "$< items[1].k }" }] }
none: { $if: size(no) > 0, a: 1 }
text: { $join: ["$<? items[7].k }", a, "", "$< items[0].k }"], $with: "-" }
$$literal: 1
`;
    expect(run(text, values)).toEqual({
      list: ["first", { key: "B1" }],
      one: "b",
      text: "a-a",
      $literal: 1,
    });
  });

  test("anchors, aliases and merges are resolved", () => {
    const text = `
base: &base { a: "$< v }", b: 2 }
again: *base
more: { <<: *base, b: 3 }
`;
    const base = { a: 1, b: 2 };
    expect(run(text, { v: 1 })).toEqual({ base, again: base, more: { a: 1, b: 3 } });
    expect(run("a: &a { b: [*a] }")).toEqual([expect.stringMatching(/too-large$/)]);
  });

  test("places are exact in plain, quoted and block scalars", () => {
    const text = `a: x $< nope }
b: "x $< nope }"
c: |-
  one
    $< nope }
d: 'x $< nope }'
`;
    expect(run(text)).toEqual([
      "1:9 unknown-variable",
      "2:10 unknown-variable",
      "5:8 unknown-variable",
      "6:10 unknown-variable",
    ]);
  });

  test("expressions read into nothing but their own values", () => {
    const names = ["constructor", "process", "globalThis", "toString", "__proto__"];
    for (const name of names) expect(run(`a: $< ${name} }`, { v: {} })).toHaveLength(1);
    expect(run("a: $<? v.constructor }\nb: $<? v.__proto__ }", { v: {} })).toEqual({});
    expect(run("__proto__: 1")).toEqual(["1:1 banned"]);
  });

  test("functions give what they promise", () => {
    const text = `
- $< truncate("ab", 1) }
- $< parseQuery("a=1&b=x%20y").b }
- $< isoTime(0) }
- $< "a,b".replace(",", "$&") }
- $< [1, 2, 3].take(2) }
- $< default(v.x, v.y, "z") }
- $< present(v.x) }
`;
    expect(run(text, { v: { x: "" } })).toEqual([
      ...["a", "x y", "1970-01-01T00:00:00.000Z", "a$&b", [1, 2], "z", false],
    ]);
  });
});

describe("cutting text", () => {
  test("graphemes and surrogate pairs stay whole", () => {
    expect(truncate("👨‍👩‍👧x", 1)).toBe("👨‍👩‍👧");
    expect(truncate("a\r\nb", 2)).toBe("a\r\n");
    expect(truncateUnits("ab😀", 3)).toBe("ab");
    expect(truncateUnits("😀", 1)).toBe("");
    expect(truncate("abc", -1)).toBe("");
  });

  test("no cut is longer than asked or leaves half a character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.integer({ min: 0, max: 20 }),
        (text, limit) => {
          const cut = truncateUnits(text, limit);
          expect(text.startsWith(cut)).toBe(true);
          expect(cut.length).toBeLessThanOrEqual(limit);
          expect(cut.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});

describe("values", () => {
  test("safe JSON is the same object unless a dangerous key had to go", () => {
    const clean = { a: [{ b: 1 }] };
    expect(safeJson(clean)).toBe(clean);
    expect(safeJson({ a: { constructor: 1, b: 2 } })).toEqual({ a: { b: 2 } });
    let deep: unknown = 1;
    for (let level = 0; level < 300; level += 1) deep = [deep];
    expect(() => safeJson(deep)).toThrow("nested more than 200");
  });

  test("plain JSON has no BigInt and no Map", () => {
    expect(plain(new Map([["a", [1n, { b: 2n }]]]))).toEqual({ a: [1, { b: 2 }] });
    expect(plain(absent)).toBe(absent);
  });

  test("an expression may hold braces in its own texts", () => {
    expect(splitParts("a$" + '{ "}" + {"x": 1}.x } b').parts).toEqual([
      { text: "a" },
      { expression: ' "}" + {"x": 1}.x ', optional: false, start: 3 },
      { text: " b" },
    ]);
  });
});
