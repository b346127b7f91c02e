// `sampan check`: every fault of every file in one run, none twice, none that only follows from another.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import type { Diagnostic } from "../src/kit/index.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "sampan-check-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

async function check(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(stripVTControlCharacters(text)),
    environment: {},
    now: () => 0,
  };
  const code = await main(["check", "--config", join(folder, "gateway.yaml"), ...argv], terminal);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** `file:line code` of each finding, in the order they are told. */
async function findings(...paths: string[]): Promise<string[]> {
  const { out } = await check("--json", ...paths.map((path) => join(folder, path)));
  const { diagnostics } = JSON.parse(out) as { diagnostics: Diagnostic[] };
  return diagnostics.map(({ file, line, code }) => `${file.split("/").at(-1)}:${line} ${code}`);
}

const faulty = {
  "gateway.yaml": `
server: { port: many }
colour: red
channels:
  line:
    use: line
    with: { channelSecret: "\${ env.NOT_SET }", channelAccessToken: x, chanelSecret: y }
    mapping: [mappings/line.yaml]
  other: { use: line, wiht: {} }
  genesys: { use: genesis }
routes:
  - connect: [line, lone]
  - connect: [other, genesys]
`,
  "mappings/line.yaml": `
channel: line
layouts: flex
receive:
  - { id: text, on: message.text, emit: { kind: text, text: "\${ event.message.txt }" } }
send:
  - { id: text, on: text, emit: { type: text, text: "\${ message.text }", txt: x } }
`,
  "mappings/flex/slip.yaml": `
layout: slip
parameters: { total: { type: string } }
emit: { type: flex, altText: "\${ parameters.totl }", contents: { type: bubble } }
`,
  "mappings/line.test.yaml": `
tests:
  - { name: one, given: { send: txet, message: { text: x } }, expect: { rule: text } }
  - { name: two, given: { receive: message.txt }, expect: { rule: text } }
  - { name: three, given: { receive: message.text, evnt: {} }, expect: { rule: text } }
`,
};

describe("sampan check", () => {
  test("tells every fault of gateway.yaml, rules, layouts and tests in one run", async () => {
    put(faulty);
    expect((await findings()).sort()).toMatchInlineSnapshot(`
      [
        "gateway.yaml:10 unknown-plugin",
        "gateway.yaml:12 unknown-channel",
        "gateway.yaml:2 wrong-type",
        "gateway.yaml:3 unknown-field",
        "gateway.yaml:7 unknown-field",
        "gateway.yaml:7 unset-variable",
        "gateway.yaml:9 missing-field",
        "gateway.yaml:9 missing-field",
        "gateway.yaml:9 unknown-field",
        "line.test.yaml:3 unknown-kind",
        "line.test.yaml:4 unknown-kind",
        "line.test.yaml:5 unknown-key",
        "line.yaml:5 unknown-field",
        "line.yaml:7 may-be-too-long",
        "line.yaml:7 unknown-output",
        "slip.yaml:4 unknown-field",
      ]
    `);
  });

  test("tells the faults of rules also when variables of gateway.yaml are not set", async () => {
    put({
      ...faulty,
      "gateway.yaml": `channels: { line: { use: line, with: { channelSecret: "\${ env.NO }", channelAccessToken: x } } }\n`,
      "mappings/line.test.yaml":
        "tests:\n  - { name: x, given: { send: text }, expect: { rule: x } }\n",
    });
    const found = await findings();
    expect(found).toContain("gateway.yaml:1 unset-variable");
    expect(found).toContain("line.yaml:5 unknown-field");
  });

  test("given paths, tells what is found there only, also in rules that no channel names", async () => {
    put({
      ...faulty,
      "drafts/mine.yaml": "channel: line\nreceive: [{ id: a, on: follow, emit: { kind: txt } }]\n",
    });
    const here = await findings("drafts");
    expect(here.length).toBeGreaterThan(0);
    expect(here.every((each) => each.startsWith("mine.yaml:2 "))).toBe(true);
    expect(await findings("mappings/line.test.yaml")).toHaveLength(3);
    const missing = await check(join(folder, "nowhere"));
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("there is no")]);
  });

  test("says yes, with exit code 0, to a folder that is whole while gateway.yaml is not", async () => {
    put({ "gateway.yaml": "colour: red\n", "drafts/mine.yaml": "channel: line\nreceive: []\n" });
    expect(await check(join(folder, "drafts"))).toMatchObject({ code: 0, err: "" });
    expect((await check()).code).toBe(1);
  });

  test("writes SARIF with a rule for each code and a place for each finding", async () => {
    put(faulty);
    const { code, out } = await check("--sarif");
    const { version, runs } = JSON.parse(out) as {
      version: string;
      runs: { tool: { driver: { rules: { id: string }[] } }; results: SarifResult[] }[];
    };
    const [run] = runs;
    expect([code, version, runs.length]).toEqual([1, "2.1.0", 1]);
    const results = run?.results ?? [];
    expect(results.length).toBe((await findings()).length);
    for (const { ruleId, ruleIndex, level, message, locations } of results) {
      expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(level).toMatch(/^(error|warning)$/);
      expect(message.text).not.toBe("");
      const [place] = locations;
      const { startLine, startColumn, endColumn } = place?.physicalLocation.region ?? nowhere;
      expect(startLine).toBeGreaterThan(0);
      expect(endColumn).toBeGreaterThan(startColumn);
      expect(place?.physicalLocation.artifactLocation.uri).toMatch(/\.yaml$/);
    }
  });
});

interface SarifResult {
  ruleId: string;
  ruleIndex: number;
  level: string;
  message: { text: string };
  locations: {
    physicalLocation: { artifactLocation: { uri: string }; region: typeof nowhere };
  }[];
}
const nowhere = { startLine: 0, startColumn: 0, endColumn: 0 };

describe("sampan check --live", () => {
  test("asks the platform, and names the channel whose credentials it refuses", async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      const known = request.headers.authorization === "Bearer good";
      response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
      const bot = {
        userId: "U0",
        basicId: "@x",
        displayName: "x",
        chatMode: "bot",
        markAsReadMode: "auto",
      };
      response.end(JSON.stringify(known ? bot : { message: "Authentication failed" }));
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const channel = (token: string) =>
      `{ use: line, with: { apiUrl: "${apiUrl}", dataUrl: "${apiUrl}", channelSecret: s, channelAccessToken: ${token} } }`;
    put({ "gateway.yaml": `channels:\n  one: ${channel("good")}\n  two: ${channel("bad")}\n` });
    const quiet = await check();
    expect([quiet.code, asked]).toEqual([0, []]);
    const { code, err } = await check("--live");
    server.close();
    expect(asked.sort()).toEqual(["Bearer bad", "Bearer good"]);
    expect(code).toBe(1);
    expect(err).toMatch(/gateway\.yaml:3:3: error\[live-check\] two: /);
    expect(err).not.toContain("one: ");
  });
});
