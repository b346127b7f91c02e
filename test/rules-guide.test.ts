// docs/rules.md from its first line to its last: each file is written, each command run, in an empty folder.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { main } from "../src/cli/main.ts";
import { secrets } from "./harness.ts";

const guide = readFileSync(join(import.meta.dirname, "../docs/rules.md"), "utf8");
/** Fenced blocks in order; `info` is what stands after the fence: `yaml <file>`, `yaml <file> +`, `sh`, `sh fails`, `text`. */
const blocks = [...guide.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(
  ([, info = "", text = ""]) => ({ info, text }),
);
const environment = {
  ...secrets,
  SAMPAN_PUBLIC_URL: "https://gw.example.com",
  ZALO_ACCESS_TOKEN: "t",
  ZALO_SECRET: "s",
};

const home = process.cwd();
let folder: string;
let said = "";
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "sampan-guide-")));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

async function run(command: string, fails: boolean): Promise<void> {
  expect(command).toMatch(/^npx sampan /);
  const lines: string[] = [];
  const print = (text: string) => void lines.push(stripVTControlCharacters(text));
  const terminal = { out: print, err: print, environment, now: () => 0 };
  const code = await main(command.split(" ").slice(2), terminal);
  said = lines.join("\n");
  expect(code, said).toBe(fails ? 1 : 0);
  if (command.startsWith("npx sampan test")) expect(said).toMatch(/^ok /m);
}

type Tree = Record<string, unknown>;

function merged(one: Tree, other: Tree): Tree {
  const result = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const had = result[key];
    if (key === "routes") result[key] = [had, value].flat();
    else if (value instanceof Object && had instanceof Object && !Array.isArray(value)) {
      result[key] = merged(had as Tree, value as Tree);
    } else result[key] = value;
  }
  return result;
}

function write(file: string, text: string, added: boolean): void {
  mkdirSync(dirname(file), { recursive: true });
  const tree = () => merged(parse(readFileSync(file, "utf8")) as Tree, parse(text) as Tree);
  writeFileSync(file, added ? stringify(tree()) : text);
}

describe("the guide", () => {
  test.each(blocks.map(({ info, text }, index) => ({ index, info, text })))(
    "block $index: $info",
    async ({ info, text }) => {
      const [language = "", file = "", more] = info.split(" ");
      if (language === "yaml") {
        expect(file).toMatch(/\.yaml$/);
        write(file, text, more === "+");
      } else if (language === "sh") {
        for (const command of text.trim().split("\n")) await run(command, file === "fails");
      } else {
        expect(language).toBe("text");
        for (const line of text.trim().split("\n")) expect(said).toContain(line);
      }
    },
  );

  test("runs a check or a test after each file of rules", () => {
    expect(blocks.filter(({ info }) => info === "sh").length).toBeGreaterThan(6);
  });

  test.each([...guide.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = ""]) => target))(
    "its link to %s leads somewhere",
    (target) => {
      expect(() => readFileSync(join(home, "docs", target))).not.toThrow();
    },
  );
});
