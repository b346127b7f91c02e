import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** What the linter says about a file of that name, in a house with nothing but our rules. */
function lint(path: string, source: string): string {
  const house = mkdtempSync(join(tmpdir(), "layers-"));
  copyFileSync(join(root, "biome.json"), join(house, "biome.json"));
  mkdirSync(dirname(join(house, path)), { recursive: true });
  writeFileSync(join(house, path), source);
  const biome = join(root, "node_modules", ".bin", "biome");
  const { stdout, stderr } = spawnSync(biome, ["lint", path], { cwd: house, encoding: "utf8" });
  rmSync(house, { recursive: true });
  expect(stdout + stderr).toContain("Checked 1 file");
  return stdout + stderr;
}

describe("the layers", () => {
  test.each([
    ["src/store/x.ts", "../flow/outcome.ts"],
    ["src/store/sqlite/x.ts", "../../flow/outcome.ts"],
    ["src/flow/x.ts", "../http/app.ts"],
    ["src/kit/x.ts", "../store/store.ts"],
    ["src/testing/x.ts", "../http/app.ts"],
    ["src/testing/x.ts", "../registry.ts"],
    ["src/template/x.ts", "../mapping/mapping.ts"],
    ["plugins/line/x.ts", "../../src/kit/index.ts"],
    ["plugins/line/x.ts", "../genesys/index.ts"],
  ])("keep %s from importing %s", (path, target) => {
    expect(lint(path, `import { x } from "${target}";\nexport const y = x;\n`)).toContain(
      "noRestrictedImports",
    );
  });

  test.each([
    ["src/http/x.ts", "../flow/outcome.ts"],
    ["src/testing/x.ts", "../flow/outcome.ts"],
    ["src/store/sqlite/x.ts", "../../kit/index.ts"],
    ["plugins/line/x.ts", "sampan/kit"],
  ])("let %s import %s", (path, target) => {
    expect(lint(path, `import { x } from "${target}";\nexport const y = x;\n`)).not.toContain(
      "noRestrictedImports",
    );
  });
});

describe("the core", () => {
  /** The canonical kind `sticker` is a word of the message, in these places only. */
  const mayNameStickers =
    /(kit\/message|kit\/kind-meanings|flow\/degrade|mapping\/plainer|assets\/keep-message)\.ts$/;
  const names = /\b(line (?:messaging|platform|user)|genesys|telegram|whatsapp|wechat|kakao)\b/i;

  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts"),
  );

  test.each(files)("names no messenger in src/%s", (file) => {
    const source = readFileSync(join(root, "src", file), "utf8");
    expect(source).not.toMatch(names);
    if (!mayNameStickers.test(file)) expect(source).not.toMatch(/sticker/i);
  });
});
