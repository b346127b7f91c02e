import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ChannelContext, SendError } from "../src/kit/index.ts";
import {
  createChannel,
  createFunctions,
  loadPlugins,
  PluginFaults,
  type PluginRequest,
  type Registry,
} from "../src/registry.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sampan-registry-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, text: string) => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};
const channel = (name: string, create = "return {};") => `
  import { defineChannel, Type, type Channel } from "sampan/kit";
  export default defineChannel({
    name: "${name}", summary: "A channel", config: Type.Object({}), receives: {}, sends: Type.Unknown(),
    create(): Channel { ${create} },
  });`;
const load = (request: Partial<PluginRequest> = {}) =>
  loadPlugins({
    folders: [join(root, "mine")],
    packages: [],
    builtIn: join(root, "own"),
    from: root,
    ...request,
  });
const faultsOf = async (request: Partial<PluginRequest> = {}) => {
  const error = await load(request).catch((thrown: unknown) => thrown);
  if (!(error instanceof PluginFaults)) throw new Error(`no PluginFaults: ${String(error)}`);
  return error.faults;
};
const channelOf = (registry: Registry, name: string) => {
  const plugin = registry.channels.get(name);
  if (plugin === undefined) throw new Error(`no channel plug-in ${name}`);
  return plugin;
};
const context: ChannelContext = {
  id: "c",
  log: { debug() {}, info() {}, warn() {}, error() {} },
  fetch: () => Promise.reject(new Error("no network")),
  state: {
    get: () => Promise.resolve(undefined),
    set: () => Promise.resolve(),
    delete: () => Promise.resolve(),
    take: () => Promise.resolve(undefined),
  },
  now: () => 0,
};

describe("finding plug-ins", () => {
  test("a TypeScript plug-in in an empty folder loads without a build and shares the host's kit", async () => {
    put("mine/raft/helper.ts", `export const words: string[] = ["afloat"];`);
    put(
      "mine/raft/index.ts",
      `import { SendError } from "sampan/kit"; import { words } from "./helper.js";
       ${channel("raft", `return { async send() { throw new SendError("reject", "blocked", words[0] ?? ""); } };`)}`,
    );
    const registry = await load();
    const made = createChannel(channelOf(registry, "raft"), {}, context);
    const sending = made.send?.(
      {
        key: "k",
        attempt: 1,
        createdAt: 0,
        conversation: { id: "u", type: "person" },
        payloads: [],
        begin: () => Promise.resolve(),
      },
      AbortSignal.timeout(1000),
    );
    await expect(sending).rejects.toThrow(SendError);
    await expect(sending).rejects.toThrow("afloat");
  });

  test("a JavaScript plug-in is preferred to the TypeScript beside it, and declarations are ignored", async () => {
    put("mine/raft/index.d.ts", "this is no code");
    put("mine/raft/index.ts", "this is no code");
    put(
      "mine/raft/index.js",
      `import { defineMapper, Type } from "sampan/kit";
       export default defineMapper({ name: "raft", summary: "", config: Type.Object({}),
         create: () => [{ signature: "raft.one(): int", doc: "", handler: () => 1 }] });`,
    );
    const registry = await load();
    expect([...registry.mappers.keys()]).toEqual(["raft"]);
    const raft = registry.mappers.get("raft");
    expect(raft && createFunctions(raft, {})[0]?.signature).toBe("raft.one(): int");
  });

  test("a dropped-in plug-in replaces the built-in one of the same name", async () => {
    put("own/raft/index.ts", channel("raft"));
    put("mine/raft/index.ts", channel("raft"));
    const registry = await load();
    expect(registry.replaced).toEqual(["raft"]);
    expect(registry.files.get("raft")).toBe(join(root, "mine/raft/index.ts"));
  });

  test("an installed package is found from the folder of gateway.yaml", async () => {
    put("node_modules/raft-plugin/package.json", `{ "type": "module", "main": "main.js" }`);
    put(
      "node_modules/raft-plugin/main.js",
      `import { defineMapper, Type } from "sampan/kit";
       export default defineMapper({ name: "raft", summary: "", config: Type.Object({}), create: () => [] });`,
    );
    const registry = await load({ folders: [], packages: ["raft-plugin"] });
    expect([...registry.mappers.keys()]).toEqual(["raft"]);
  });

  test("folders without an index file and hidden folders are no plug-ins", async () => {
    put("mine/notes/readme.txt", "");
    put("mine/.git/index.ts", "this is no code");
    const registry = await load();
    expect(registry.files.size).toBe(0);
  });
});

describe("faults", () => {
  test("all faults are told at once, each with its code and file", async () => {
    put("mine/a-syntax/index.ts", "export default = ;");
    put("mine/b-throws/index.ts", `throw new Error("boom at import");`);
    put("mine/c-shape/index.ts", "export default { name: 'c-shape' };");
    put(
      "mine/d-version/index.ts",
      `${channel("d-version").replace("export default", "const made =")}\nexport default { ...made, apiVersion: 99 };`,
    );
    put("mine/e-name/index.ts", channel("other"));
    put("mine/f-fine/index.ts", channel("f-fine"));
    put("more/f-fine/index.ts", channel("f-fine"));
    const folders = [join(root, "mine"), join(root, "more"), join(root, "nowhere")];
    const faults = await faultsOf({ folders, packages: ["not-there"] });
    const found = faults.map(({ code, file }) => `${code} ${file.replace(`${root}/`, "")}`).sort();
    expect(found).toEqual([
      "plugin.duplicate more/f-fine/index.ts",
      "plugin.folder nowhere",
      "plugin.load mine/a-syntax/index.ts",
      "plugin.load mine/b-throws/index.ts",
      "plugin.load not-there",
      "plugin.name mine/e-name/index.ts",
      "plugin.shape mine/c-shape/index.ts",
      "plugin.version mine/d-version/index.ts",
    ]);
    expect(faults.find(({ file }) => file.includes("b-throws"))?.message).toContain(
      "boom at import",
    );
    expect(faults.find(({ file }) => file.includes("d-version"))?.message).toContain("version 99");
  });

  test("an import that never ends is given up", async () => {
    put("mine/stuck/index.ts", `await new Promise(() => {}); ${channel("stuck")}`);
    const faults = await faultsOf({ timeoutMs: 50 });
    expect(faults.map(({ code }) => code)).toEqual(["plugin.timeout"]);
  });

  test("a create that throws or makes nothing names the file and the reason", async () => {
    put("mine/leaky/index.ts", channel("leaky", `throw new Error("no keel");`));
    put("mine/empty/index.ts", channel("empty", "return undefined as never;"));
    const registry = await load();
    const making = (name: string) => () => createChannel(channelOf(registry, name), {}, context);
    expect(making("leaky")).toThrow(/leaky\/index.ts: no keel/);
    expect(making("empty")).toThrow(/empty\/index.ts: create\(\) made nothing/);
  });
});
