// docs/codes.md: each finding that it shows is what `sampan check` says, and no code is left out.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { packageRoot } from "../src/config/package-root.ts";

const root = join(import.meta.dirname, "..");
const [head = "", ...rest] = readFileSync(join(root, "docs/codes.md"), "utf8").split(/^### /m);

const blocks = (text: string) =>
  [...text.matchAll(/^```(\S+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", file = "", body = ""]) => ({ language, file, body }),
  );
const sections = rest.map((section) => {
  const [code = ""] = section.split("\n");
  const all = blocks(section);
  const said = all.find(({ language }) => language === "text")?.body.trim();
  return { code, said, files: all.filter(({ language }) => language === "yaml") };
});
const [standard] = blocks(head);

const home = process.cwd();
let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "sampan-codes-")));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

async function check(files: readonly { file: string; body: string }[]): Promise<string> {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  for (const { file, body } of [...(standard ? [standard] : []), ...files]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), body);
  }
  const err: string[] = [];
  const print = (text: string) => void err.push(stripVTControlCharacters(text));
  await main(["check"], { out() {}, err: print, environment: {}, now: () => 0 });
  const said = err
    .join("\n")
    .replaceAll(folder, "/srv/sampan")
    .replaceAll(packageRoot, "/opt/sampan");
  return said.replace(/\n+\d+ (?:errors?|warnings?)(?:, \d+ warnings?)?$/, "").trim();
}

describe("docs/codes.md", () => {
  const shown = sections.filter(({ said }) => said !== undefined);

  test.each(shown)("shows what is said of $code", async ({ code, said, files }) => {
    expect(said).toContain(`[${code}]`);
    expect(await check(files)).toBe(said);
  });

  test("shows most of them", () => {
    expect(shown.length).toBeGreaterThan(40);
  });

  const sources = ["config", "mapping", "template", "testing", "cli/check"].flatMap((part) =>
    readdirSync(join(root, "src", part), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .map((name) => readFileSync(join(root, "src", part, name), "utf8")),
  );
  const told = sources.flatMap((source) =>
    [...source.matchAll(/(?:\bcode: |eport\([^"`\n]*, )"([a-z]+(?:-[a-z]+)*)"/g)].map(
      ([, code]) => code,
    ),
  );

  /** Of a rule at work, not of a check. */
  const whileRunning = new Set(["missing", "too-much", "too-many-steps"]);
  test.each([...new Set(told)].filter((code) => !whileRunning.has(code ?? "")))(
    "names the code %s",
    (code) => {
      expect(sections.map((section) => section.code)).toContain(code);
    },
  );
});
