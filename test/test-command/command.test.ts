import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { watchTests } from "../../src/cli/test/watch.ts";
import { mixed, put, root, sampanTest, terminal, useFolder } from "./fixture.ts";

useFolder();

describe("nothing run is never green", () => {
  test.each([
    [
      "a filter that matches nothing",
      ["--filter", "no such thing"],
      'no test has all the words "no such thing"',
    ],
    ["a path that is not there", ["nowhere"], "there is no nowhere"],
  ])("%s", async (_name, more, told) => {
    const file = put(
      "tests:\n  - { name: a, given: { send: text, message: { text: a } }, expect: { rule: text } }\n",
    );
    const { code, err } = await sampanTest(...(more[0] === "--filter" ? [file] : []), ...more);
    expect(code).toBe(1);
    expect(err).toContain(told);
  });

  test("a file without tests", async () => {
    const { code, err } = await sampanTest(put("tests: []\n"));
    expect(code).toBe(1);
    expect(err).toContain("there is no list of tests");
  });

  test("a folder without test files, and rules that do not load", async () => {
    expect(await sampanTest(root)).toMatchObject({
      code: 1,
      err: expect.stringContaining("test.none"),
    });
    const file = put(
      "tests:\n  - { name: a, given: { send: text }, expect: { rule: text } }\n",
      "channel: line\nsend: 5\n",
    );
    const { code, err } = await sampanTest(file);
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining("must be a list"),
    });
  });

  test("an unknown reporter is wrong usage", async () => {
    expect(await sampanTest("mappings", "--reporter", "loud")).toMatchObject({ code: 2 });
  });
});

test("--filter takes words of the file and the name, in any order and case", async () => {
  const { out } = await sampanTest(put(mixed), "--filter", "ONE mine good", "--json");
  expect(JSON.parse(out)).toMatchObject({ ok: true, passed: 1, failed: 0 });
});

test("--update rewrites the requests of a flow, and a second run is green", async () => {
  const file = put(`tests:
  - name: grows # keep me
    steps:
      - webhook: { channel: line, body: { message: { type: text, text: hi } } }
      - requests:
          # what the agent sees
          genesys: []
      - webhook: { channel: genesys, body: { text: one } }
      - webhook: { channel: genesys, body: { text: two } }
      - requests:
          line:
            - path: { $matches: reply$ }
              body: { messages: [{ text: old }] }
`);
  const { code, err } = await sampanTest(file, "--update");
  expect({ code, err }).toEqual({
    code: 0,
    err: expect.stringContaining("rewrote expectations in 1 file"),
  });
  const text = readFileSync(file, "utf8");
  expect(text).toContain("name: grows # keep me");
  expect(text).toContain("# what the agent sees");
  expect(text).toContain(`            - path: { $matches: reply$ }
              body: { messages: [ { text: one } ] }
            - method: POST
              path: /v2/bot/message/push
              body:
                to: U1
                messages:
                  - type: text
                    text: two
`);
  expect(await sampanTest(file)).toMatchObject({ code: 0 });
});

test("--watch runs once, and again when a file of interest changes, never twice at once", async () => {
  const file = put(mixed);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const runs: (readonly string[])[] = [];
  const gates: (() => void)[] = [];
  let change: (file: string) => void = () => {};
  let watched: readonly string[] = [];
  let open = true;
  const watching = watchTests(
    [file],
    { config: join(root, "no.yaml"), filter: "a b" },
    terminal(),
    {
      run: (argv) => {
        runs.push(argv);
        return new Promise((resolve) => gates.push(() => resolve(0)));
      },
      observe(folders, changed) {
        watched = folders;
        change = changed;
        return () => {
          open = false;
        };
      },
      ended,
    },
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  while (runs.length < 1) await turn();
  expect(watched).toEqual([root]);
  expect(runs[0]).toEqual(["test", file, "--config", join(root, "no.yaml"), "--filter", "a b"]);
  change(join(root, "mine.yaml"));
  change(join(root, "mine.test.yaml"));
  await turn();
  expect(runs).toHaveLength(1);
  gates[0]?.();
  while (runs.length < 2) await turn();
  gates[1]?.();
  await turn();
  change(join(root, "notes.txt"));
  change(join(root, "node_modules/x/index.js"));
  await turn();
  expect(runs).toHaveLength(2);
  change(join(root, "plugins/x/index.ts"));
  while (runs.length < 3) await turn();
  gates[2]?.();
  end();
  expect(await watching).toBe(0);
  expect(open).toBe(false);
});
