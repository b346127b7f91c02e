// `sampan schema`: what an editor is told fits our own files, and refuses what `sampan check` refuses.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { main } from "../src/cli/main.ts";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "sampan-schema-"));
const said: string[] = [];
const schemas = new Map<string, ValidateFunction>();
beforeAll(async () => {
  const print = (text: string) => void said.push(text);
  const terminal = { out: print, err: print, environment: {}, now: () => 0 };
  const config = join(root, "examples/telegram/gateway.yaml");
  expect(await main(["schema", "--config", config, "--out", folder], terminal)).toBe(0);
  for (const file of readdirSync(folder)) {
    // A word that JSON Schema does not know would be an oversight, but for ours.
    const ajv = new Ajv({
      strictSchema: true,
      strictTypes: false,
      strictTuples: false,
      strictRequired: false,
      allowUnionTypes: true,
    });
    formats.default(ajv);
    for (const word of ["secret", "maxGraphemes", "maxUnits", "maxBytes"]) ajv.addKeyword(word);
    const schema = JSON.parse(readFileSync(join(folder, file), "utf8")) as object;
    schemas.set(file.replace(".schema.json", ""), ajv.compile(schema));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function faults(schema: string, text: string): string[] {
  const fits = schemas.get(schema);
  if (fits === undefined) throw new Error(`no schema ${schema}: ${[...schemas.keys()].join()}`);
  // In YAML 1.2 as the gateway reads it, `<<` included.
  if (fits(parse(text, { merge: true }))) return [];
  return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const yaml = (path: string) =>
  readdirSync(join(root, path), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `${path}/${name}`);
const all = ["mappings", "examples"].flatMap(yaml);
const schemaOf = (file: string) => {
  if (file.endsWith(".test.yaml")) return "tests";
  if (file.endsWith("gateway.yaml")) return "gateway";
  return /^layout:/m.test(readFileSync(join(root, file), "utf8")) ? "layout" : "rules";
};

describe("the schemas", () => {
  test("are four, and the command says how an editor finds them", () => {
    expect([...schemas.keys()].sort()).toEqual(["gateway", "layout", "rules", "tests"]);
    expect(said.join("\n")).toMatch(/# yaml-language-server: \$schema=.*gateway\.schema\.json/);
  });

  test.each(["gateway.yaml", ...all])("fit %s", (file) => {
    expect(faults(schemaOf(file), readFileSync(join(root, file), "utf8"))).toEqual([]);
  });

  test("name kinds, functions and the options of plug-ins", () => {
    const text = (name: string) => readFileSync(join(folder, `${name}.schema.json`), "utf8");
    expect(text("rules")).toContain('"message.sticker"');
    expect(text("rules")).toContain("flex.chunks(list, int): list<list>");
    expect(text("gateway")).toContain("channelAccessToken");
    expect(text("gateway")).toContain('"telegram"');
  });

  test.each([
    ["a misspelt key", "gateway", "sever: {}\nchannels: {}", /additional properties/],
    ["an unknown plug-in", "gateway", "channels: { a: { use: lime } }", /\/channels\/a\/use/],
    [
      "an option of the wrong type",
      "gateway",
      "channels: { a: { use: line, with: { stickers: 3 } } }",
      /\/with/,
    ],
    ["a number that is none", "gateway", "server: { port: many }\nchannels: {}", /\/server\/port/],
    [
      "an unknown event",
      "rules",
      "channel: line\nreceive: [{ id: a, on: message.txt, emit: drop }]",
      /\/receive\/0\/on/,
    ],
    [
      "another plug-in's event",
      "rules",
      "channel: genesys\nreceive: [{ id: a, on: message.sticker, emit: drop }]",
      /\/on/,
    ],
    [
      "an unknown kind",
      "rules",
      "channel: line\nsend: [{ id: a, on: txet, emit: drop }]",
      /\/send\/0\/on/,
    ],
    [
      "an unknown kind that is made",
      "rules",
      "channel: line\nreceive: [{ id: a, on: follow, emit: { kind: txt } }]",
      /emit\/kind/,
    ],
    ["a rule without emit", "rules", "channel: line\nsend: [{ id: a, on: text }]", /'emit'/],
    [
      "a misspelt key of a rule",
      "rules",
      "channel: line\nsend: [{ id: a, on: text, wen: x, emit: drop }]",
      /additional properties/,
    ],
    ["a layout without a name", "layout", "emit: {}", /'layout'/],
    ["a step that is none", "tests", "tests: [{ name: a, steps: [{ wait: 1s }] }]", /steps\/0/],
    [
      "an unknown expectation",
      "tests",
      "tests: [{ name: a, given: { send: text }, expect: { emits: {} } }]",
      /\/expect/,
    ],
  ])("refuse %s", (_what, schema, text, reason) => {
    expect(faults(schema, text).join("\n")).toMatch(reason);
  });

  test.each([
    [
      "gateway",
      `server: { port: "\${ env.PORT }" }\nchannels: { a: { use: line, with: { channelSecret: s, channelAccessToken: "\${ env.T }", stickers: "\${ env.X }" } } }`,
    ],
    ["rules", `channel: line\nreceive: [{ id: a, on: "*", emit: { kind: "\${ x }" } }]\nsend:`],
    ["gateway", "channels: {}\ndelivery: { giveUpAfter: 2h }\nstore: { minFree: 1GiB }"],
  ])("take expressions where values belong, and need no defaults, in %s", (schema, text) => {
    expect(faults(schema, text)).toEqual([]);
  });
});
