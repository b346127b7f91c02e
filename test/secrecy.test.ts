// What must not say what people said: crash dumps, errors, details, files that others may read.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeCrash } from "../src/crash.ts";
import { messageOf } from "../src/flow/message-of.ts";
import { SampanError } from "../src/kit/index.ts";
import { tooWide } from "../src/permissions.ts";
import { openSqliteStore } from "../src/store/sqlite/open.ts";

const words = "my private words";
const crash = new URL("../src/crash.ts", import.meta.url).href;
const log = new URL("../src/log.ts", import.meta.url).href;

describe("a crash", () => {
  test.each([
    ["a parser that quotes", `JSON.parse("${words}")`],
    ["an error with fields", `new URL("${words}")`],
    ["a message", `throw new Error("${words}")`],
    ["a cause", `throw new TypeError("x", { cause: { text: "${words}" } })`],
    ["a rejection", `Promise.reject(Object.assign(new Error("x"), { body: "${words}" }))`],
    ["no error at all", `throw "${words}"`],
  ])("ends the process with one line that keeps the words to itself: %s", (_, fault) => {
    const script = `
      const { endOnCrash } = await import(${JSON.stringify(crash)});
      const { createLog } = await import(${JSON.stringify(log)});
      endOnCrash(createLog({ level: "error" }));
      setTimeout(() => { ${fault} }, 0);
      setTimeout(() => {}, 60_000);`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", script],
      { encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stdout + stderr).not.toContain("private");
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ level: 50, msg: "crashed", crash: {} });
  });

  test("tells the place and the code, and the message where it is ours", () => {
    const shown = describeCrash(
      new SampanError("store.full", "Nothing more fits", { cause: words }),
    );
    expect(shown).toMatchObject({
      name: "SampanError",
      code: "store.full",
      message: "Nothing more fits",
      stack: expect.stringContaining("secrecy.test.ts"),
    });
    expect(inspect(shown)).not.toContain("private");
  });
});

test("a parser's message, which quotes, is not taken over into details and logs", () => {
  const parse = () => JSON.parse(words);
  expect(parse).toThrow("private");
  const caught = (() => {
    try {
      return parse();
    } catch (error) {
      return messageOf(error);
    }
  })();
  expect(caught).toBe("something could not be parsed (SyntaxError)");
  expect(messageOf(new Error("socket hang up"))).toBe("socket hang up");
  expect(messageOf(words)).toBe("thrown without an Error");
});

test("a store error carries no value that was to be stored, at any depth", async () => {
  const store = await openSqliteStore({ file: ":memory:", now: Date.now });
  onTestFinished(() => store.close());
  const job = { kind: "event", channel: "c", lane: "l", body: words } as const;
  const errors = await Promise.allSettled([
    store.append([{ ...job, key: words, createdAt: 1.5 }]),
    store.append([{ ...job, key: words, createdAt: Number.NaN }]),
    store.append([], [{ scope: "s", name: words, value: words, expiresAt: 0.5 }]),
  ]);
  expect(errors.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(inspect(errors, { depth: null, showHidden: true })).not.toContain("private");
});

test("files and folders that others may read are told, a shared folder only when they may write", () => {
  const root = mkdtempSync(join(tmpdir(), "sampan-wide-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [open, closed] = [join(root, "open.db"), join(root, "closed.db")];
  for (const file of [open, closed]) writeFileSync(file, "");
  chmodSync(open, 0o640);
  chmodSync(closed, 0o600);
  chmodSync(root, 0o755);
  const all = [root, open, closed, join(root, "none")];
  expect(tooWide(all, root)).toEqual([{ path: open, mode: "640" }]);
  expect(tooWide(all, "/elsewhere").map(({ path }) => path)).toEqual([root, open]);
  chmodSync(root, 0o777);
  expect(tooWide([root], root)).toEqual([{ path: root, mode: "777" }]);
});
