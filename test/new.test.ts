// What `sampan new` writes passes its own tests at once, before and after gateway.yaml names it.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { main } from "../src/cli/main.ts";

const root = join(import.meta.dirname, "..");
const gateway = `
store: data/sampan.db
channels:
  genesys:
    use: genesys
    with: { region: mypurecloud.jp, clientId: c, clientSecret: s, integrationId: 11111111-2222-4333-8444-555555555555, webhookSecret: w }
  line:
    use: line
    with: { channelSecret: s, channelAccessToken: t }
routes:
  - connect: [line, genesys]
`;
const environment = { ZALO_OA_ACCESS_TOKEN: "t", ZALO_OA_SECRET: "s" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sampan-new-"));
  writeFileSync(join(folder, "gateway.yaml"), gateway);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function sampan(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    ...{ environment, now: () => 0 },
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
  };
  const code = await main([...argv, "--config", join(folder, "gateway.yaml")], terminal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const files = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ya?ml|ts)$/.test(name) && !name.includes("node_modules"))
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name !== "gateway.yaml")
    .sort();

type Settings = Record<string, unknown>;

/** Adds what `sampan new` says, as its reader would. */
function follow(said: string): void {
  const [, lines = ""] = /next, in gateway\.yaml:\n\n([\s\S]*?)\n\nthen:/.exec(said) ?? [];
  const added = parse(lines.replaceAll(/^ {2}/gm, "")) as Settings;
  const file = join(folder, "gateway.yaml");
  const settings = merged(parse(readFileSync(file, "utf8")) as Settings, added);
  writeFileSync(file, stringify(settings));
}

function merged(one: Settings, other: Settings): Settings {
  const result = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const had = result[key];
    if (key === "routes") result[key] = [had, value].flat();
    else if (value instanceof Object && had instanceof Object && !Array.isArray(value)) {
      result[key] = merged(had as Settings, value as Settings);
    } else result[key] = value;
  }
  return result;
}

async function isGreen(...tested: string[]): Promise<void> {
  expect(await sampan("check")).toMatchObject({ code: 0, err: "" });
  for (const path of tested) {
    const { code, out, err } = await sampan("test", join(folder, path));
    expect(err + out).not.toMatch(/^ *not ok|error/m);
    expect(out).toMatch(/^ok /m);
    expect(code).toBe(0);
  }
}

/** The plug-in's own tests by Node's runner, with the package installed. */
function contractOf(file: string): string {
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/sampan"), "dir");
  const { VITEST: _ours, NODE_OPTIONS: _options, ...env } = process.env;
  const argv = ["--conditions=source", "--test", "--test-reporter=tap", file];
  return execFileSync(process.execPath, argv, { cwd: folder, env, encoding: "utf8" });
}

describe("sampan new", () => {
  test("rule: is for the first channel, or the one and the kind that are named", async () => {
    const { code, out, err } = await sampan("new", "rule", "vip", "--channel", "line");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(files()).toEqual(["mappings/vip.test.yaml", "mappings/vip.yaml"]);
    await isGreen("mappings/vip.test.yaml");
    expect(out).toContain("mapping: [mappings/vip.yaml, mappings/line.yaml]");
    follow(out);
    await isGreen("mappings/vip.test.yaml");

    expect((await sampan("new", "rule", "where", "--on", "message.location")).code).toBe(1);
    const where = ["--channel", "line", "--on", "message.location"];
    const second = await sampan("new", "rule", "where", ...where);
    expect(second.out).toContain(
      "mapping: [mappings/where.yaml, mappings/vip.yaml, mappings/line.yaml]",
    );
    follow(second.out);
    await isGreen("mappings/where.test.yaml");
  });

  test("layout: is for the channel that shows layouts", async () => {
    const { code, out } = await sampan("new", "layout", "parcel");
    expect(code).toBe(0);
    const written = [
      "mappings/parcel.test.yaml",
      "mappings/parcel.yaml",
      "mappings/parcel/parcel.yaml",
    ];
    expect(files()).toEqual(written);
    await isGreen("mappings/parcel.test.yaml");
    follow(out);
    await isGreen("mappings/parcel.test.yaml");
  });

  test("mapper: keeps the contract, and rules can call it", async () => {
    const { code, out } = await sampan("new", "mapper", "privacy");
    expect(code).toBe(0);
    expect(files()).toEqual(["plugins/privacy/index.test.ts", "plugins/privacy/index.ts"]);
    await isGreen();
    follow(out);
    await isGreen();
    expect(out).toContain("node --test");
    expect(contractOf("plugins/privacy/index.test.ts")).toMatch(/^# pass [1-9]\d*\n# fail 0$/m);

    const rule = await sampan("new", "rule", "hidden", "--channel", "line");
    const file = join(folder, "mappings/hidden.yaml");
    const text = readFileSync(file, "utf8").replace("{ kind }", "{ privacy.mask(kind, 4) }");
    writeFileSync(file, text);
    follow(rule.out);
    await isGreen();
  });

  test("channel: keeps the contract, and carries a conversation", async () => {
    const { code, out } = await sampan("new", "channel", "zalo-oa");
    expect(code).toBe(0);
    expect(files()).toEqual([
      "mappings/zalo-oa.test.yaml",
      "mappings/zalo-oa.yaml",
      "plugins/zalo-oa/index.test.ts",
      "plugins/zalo-oa/index.ts",
      "plugins/zalo-oa/testing.ts",
    ]);
    await isGreen();
    follow(out);
    await isGreen("mappings/zalo-oa.test.yaml");
    expect(contractOf("plugins/zalo-oa/index.test.ts")).toMatch(/^# pass [1-9]\d*\n# fail 0$/m);
  });

  test("uses the project's folder of plug-ins and its vitest", async () => {
    mkdirSync(join(folder, "node_modules/vitest"), { recursive: true });
    writeFileSync(join(folder, "node_modules/vitest/package.json"), "{}");
    mkdirSync(join(folder, "ours"));
    writeFileSync(join(folder, "gateway.yaml"), `${gateway}plugins: [ours]\n`);
    const { out } = await sampan("new", "mapper", "privacy");
    expect(out).toContain("npx vitest run");
    expect(out).not.toContain("plugins: [");
    expect(readFileSync(join(folder, "ours/privacy/index.test.ts"), "utf8")).toContain('"vitest"');
  });

  test("overwrites nothing, and then writes nothing at all", async () => {
    mkdirSync(join(folder, "mappings"));
    writeFileSync(join(folder, "mappings/vip.test.yaml"), "mine");
    const { code, err } = await sampan("new", "rule", "vip");
    expect(code).toBe(1);
    expect(err).toContain("error[new.exists] mappings/vip.test.yaml");
    expect(files()).toEqual(["mappings/vip.test.yaml"]);
    expect(readFileSync(join(folder, "mappings/vip.test.yaml"), "utf8")).toBe("mine");
  });

  test.each([
    ["rule", "../escape", "new.name"],
    ["rule", "Vip", "new.name"],
    ["rule", "a--b", "new.name"],
    ["rule", "x".repeat(41), "new.name"],
    ["rule", "line", "would replace the rules of line"],
    ["layout", "a/b", "new.name"],
    ["mapper", "my-mapper", "small letters and digits"],
    ["mapper", "message", "means something else"],
    ["mapper", "text", 'there is a plug-in "text" already'],
    ["channel", "genesys", 'there is a plug-in "genesys" already'],
    ["channel", "9gag", "new.name"],
  ])("refuses a %s called %s", async (kind, name, told) => {
    const { code, err } = await sampan("new", kind, name);
    expect(code).toBe(1);
    expect(err).toContain(told);
    expect(files()).toEqual([]);
    expect(existsSync(join(dirname(folder), "escape.yaml"))).toBe(false);
  });

  test("names what it does not know, and what there is", async () => {
    expect((await sampan("new", "rule", "vip", "--channel", "lime")).err).toContain(
      'did you mean "line"?',
    );
    expect((await sampan("new", "layout", "vip", "--channel", "genesys")).err).toContain(
      "channels that can: line",
    );
    const kind = await sampan("new", "rule", "vip", "--channel", "line", "--on", "message.txt");
    expect(kind.err).toContain('did you mean "message.text"?');
    expect((await sampan("new", "flow", "vip")).code).toBe(2);
    rmSync(join(folder, "gateway.yaml"));
    const none = await sampan("new", "rule", "vip");
    expect(none).toMatchObject({ code: 1 });
    expect(none.err).toContain("there is no such file");
  });
});
