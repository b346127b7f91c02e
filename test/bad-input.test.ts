// The README's table of what goes wrong, row by row: each promise there is kept here, or in the test that is named.
import { createHmac } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGenesysSimulator } from "../plugins/genesys/simulator.ts";
import { build, ended, sampan } from "./child.ts";
import {
  botUserId,
  customer,
  freePort,
  type Harness,
  secrets,
  startHarness,
  until,
} from "./harness.ts";

const root = join(import.meta.dirname, "..");
const folders: string[] = [];
let world: Harness;
beforeAll(async () => {
  build();
  world = await startHarness();
}, 120_000);
afterAll(async () => {
  await world.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function put(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "sampan-bad-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** `sampan start` there, which must not start. */
async function start(folder: string, environment: Record<string, string> = secrets) {
  return ended(sampan(["start"], environment, folder));
}

const whole = readFileSync(join(root, "gateway.yaml"), "utf8");

async function post(
  body: string,
  options: { channel?: string; signature?: string; method?: string } = {},
) {
  const { channel = "line", method = "POST" } = options;
  const right = createHmac("sha256", secrets.LINE_CHANNEL_SECRET).update(body).digest("base64");
  const headers = { "x-line-signature": options.signature ?? right };
  const url = `${world.url}/webhooks/${channel}`;
  return (await fetch(url, { method, headers, ...(method === "POST" && { body }) })).status;
}

const plugin = (create: string, version = "") => `
import { defineChannel, Type } from "sampan/kit";
const plugin = defineChannel({
  name: "odd", summary: "Odd", config: Type.Object({}), receives: {}, sends: Type.Unknown(),
  create() { ${create} },
});
export default { ...plugin${version} };
`;

const promises: Readonly<Record<string, () => Promise<void>>> = {
  "gateway.yaml: unknown key, wrong type, unset variable": async () => {
    const port = await freePort();
    const yaml = whole.replace("port: 8080", `port: ${port}\n  prot: 1\n  bodyLimit: much`);
    const { LINE_CHANNEL_SECRET: _, ...others } = secrets;
    const { code, err } = await start(put({ "gateway.yaml": yaml }), others);
    expect(code).toBe(1);
    expect(err).toMatch(/^gateway\.yaml:6:3: error\[unknown-field\] there is no "prot" here$/m);
    expect(err).toMatch(/^gateway\.yaml:7:14: error\[wrong-type\] "bodyLimit" must be/m);
    expect(err).toMatch(/^gateway\.yaml:\d+:\d+: error\[unset-variable\].*LINE_CHANNEL_SECRET/m);
    expect(err).toContain("3 faults");
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  },

  "rules: unknown field, kind or function, wrong type": async () => {
    const mine = `channel: line
receive:
  - { id: a, on: message.txt, emit: { kind: text, text: x } }
  - { id: b, on: message.text, emit: { kind: text, text: "\${ event.message.txet }" } }
  - { id: c, on: message.text, emit: { kind: text, text: "\${ trunc(event.message.text, 3) }" } }
  - { id: d, on: message.text, when: event.message.text, emit: drop }
`;
    const yaml = whole.replace(
      "use: line ",
      "use: line\n    mapping: [mine.yaml, mappings/line.yaml] ",
    );
    const { code, err } = await start(put({ "gateway.yaml": yaml, "mine.yaml": mine }));
    expect(code).toBe(1);
    const found = err.match(/mine\.yaml:\d+:\d+: error\[[a-z-]+\]/g);
    expect(found?.map((place) => place.replace(/^mine\.yaml:(\d+):\d+: error/, "$1"))).toEqual([
      "3[unknown-kind]",
      "4[unknown-field]",
      "5[unknown-function]",
      "6[not-a-condition]",
    ]);
  },

  "a plug-in that does not load, has another API version, throws or hangs": async () => {
    const yaml = "plugins: [plugins]\nchannels:\n  odd: { use: odd }\n";
    const files = (source: string) => ({
      "gateway.yaml": yaml,
      "plugins/odd/index.ts": source,
      "mappings/odd.yaml": "channel: odd\n",
    });
    const kinds: readonly (readonly [string, RegExp])[] = [
      ["export default {", /odd.index\.ts.*(Unexpected|Unterminated|expected)/],
      [plugin("return {};", ", apiVersion: 99"), /odd.index\.ts.*version 99/],
      [plugin('throw new Error("no boat");'), /odd.index\.ts.*no boat/],
      [plugin("for (;;);"), /odd.index\.ts.*did not end/],
    ];
    await Promise.all(
      kinds.map(async ([source, reason]) => {
        const { code, err } = await start(put(files(source)));
        expect(err).toMatch(reason);
        expect(code).toBe(1);
      }),
    );
  },

  "an older Node": async () => {
    const preload = 'Object.defineProperty(process.versions, "node", { value: "20.20.2" });';
    const folder = put({ "older.cjs": preload });
    const environment = { NODE_OPTIONS: `--require ${join(folder, "older.cjs")}` };
    const { code, err } = await ended(sampan(["check"], environment, folder));
    expect(err.trim().split("\n")).toEqual([expect.stringMatching(/22\.19.*20\.20\.2/)]);
    expect(code).toBe(78);
  },

  "wrong or missing signature": async () => {
    const body = JSON.stringify({ destination: botUserId, events: [] });
    expect(await post(body, { signature: "AAAA" })).toBe(401);
    const { status } = await fetch(`${world.url}/webhooks/line`, { method: "POST", body });
    expect(status).toBe(401);
  },

  "a body that is no webhook · too large · wrong method · unknown channel": async () => {
    expect(await post("{")).toBe(400);
    expect(await post("x".repeat(1024 * 1024 + 1))).toBe(413);
    expect(await post("", { method: "GET" })).toBe(405);
    expect(await post("{}", { channel: "nowhere" })).toBe(404);
  },

  "a webhook for another bot (`destination`)": async () => {
    const body = JSON.stringify({ destination: `U${"9".repeat(32)}`, events: [] });
    expect(await post(body)).toBe(403);
    expect(world.log.join("\n")).toContain("another bot");
  },

  "LINE or Genesys unreachable": async () => {
    const port = await freePort();
    const far = await startHarness({
      edit(yaml) {
        const [, there = ""] = /loginUrl: (\S+)/.exec(yaml) ?? [];
        return yaml.replaceAll(there, `http://127.0.0.1:${port}`);
      },
    });
    expect(await far.write("first")).toBe(200);
    expect(await far.write("second")).toBe(200);
    const retried = () => far.log.filter((line) => line.includes("delivery retry")).length > 1;
    await until(retried, "it is tried again");
    const back = await startGenesysSimulator({
      clientId: secrets.GENESYS_CLIENT_ID,
      clientSecret: secrets.GENESYS_CLIENT_SECRET,
      integrationId: secrets.GENESYS_INTEGRATION_ID,
      webhookSecret: secrets.GENESYS_WEBHOOK_SECRET,
      port,
    });
    await until(() => back.seen(customer).length === 2, "both arrive");
    expect(back.seen(customer).map(({ body }) => body.text)).toEqual(["first", "second"]);
    await far.close();
    await back.close();
  },

  "wrong credentials": async () => {
    const stranger = await startHarness({
      environment: { LINE_CHANNEL_ACCESS_TOKEN: "a-token-of-nobody" },
    });
    const said = () => stranger.log.some((line) => line.startsWith("error check failed"));
    await until(said, "it is logged");
    expect(await stranger.write("taken all the same")).toBe(200);
    expect(stranger.log.join("\n")).not.toContain("a-token-of-nobody");
    await stranger.close();
  },

  "a second gateway on the same store": async () => {
    const folder = put({
      "gateway.yaml": whole.replace("data/sampan.db", join(world.folder, "data/sampan.db")),
    });
    const { code, err } = await start(folder);
    expect(code).toBe(1);
    expect(err).toContain("store.locked");
  },
};

/** Kept by a test that needs a house of its own. */
const elsewhere: Readonly<Record<string, readonly [file: string, test: string]>> = {
  "disk full or read-only": [
    "test/failures/disk.test.ts",
    "a full disk is answered 503 and never 200, said by /readyz, and recovered from",
  ],
  "rules broken by an edit while it runs": [
    "test/failures/reload.test.ts",
    "are refused when broken: the last good ones stay, until the file is mended",
  ],
  "a message that fails again and again": [
    "test/failures/poison.test.ts",
    "is set aside with a Failed receipt, and its followers go on in order",
  ],
};

const readme = readFileSync(join(root, "README.md"), "utf8");
const [, section = ""] = readme.split("## When something is wrong\n");
const rows = [...(section.split("\n## ")[0] ?? "").matchAll(/^\| (.+?) \| .+ \|$/gm)]
  .map(([, first = ""]) => first)
  .filter((first) => first !== "what");

describe("what the README promises for", () => {
  test.each(rows)("%s", async (row) => {
    const [file, name] = elsewhere[row] ?? [];
    if (file !== undefined) {
      expect(readFileSync(join(root, file), "utf8")).toContain(`test("${name}"`);
      return;
    }
    const keep = promises[row];
    if (keep === undefined) throw new Error(`no test keeps the README's promise for "${row}"`);
    await keep();
  });

  test("everything tested here is in the table", () => {
    expect([...Object.keys(promises), ...Object.keys(elsewhere)].sort()).toEqual([...rows].sort());
  });
});
