// Every command that the READMEs show is run here, as they show it.
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "../src/cli/main.ts";
import { asChild, build, type ChildGateway, ended, sampan } from "./child.ts";
import { customer, type Harness, secrets, startHarness, until } from "./harness.ts";

const root = join(import.meta.dirname, "..");
const read = (...path: string[]) => readFileSync(join(root, ...path), "utf8");
const examples = readdirSync(join(root, "examples"));

/** `npx sampan …` in a text: in a block, or between backticks; what follows a `#` or two spaces explains it. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/(?:^ {4}|`)(npx sampan [^`\n]*?)(?= {2,}|`|$)/gm)].map(([, command = ""]) =>
    command.replace(/^npx sampan /, "").trim(),
  );

let world: Harness;
let gateway: ChildGateway;
beforeAll(async () => {
  build();
  world = await startHarness({
    launch: asChild((launched) => {
      gateway = launched;
    }),
  });
}, 120_000);
afterAll(() => world.close());

const run = (argv: readonly string[], cwd = world.folder) =>
  ended(sampan(argv, { ...secrets, SAMPAN_PUBLIC_URL: "https://gw.example.com" }, cwd));

/** A folder with the project's gateway.yaml and nothing else. */
function emptyProject(): string {
  const folder = mkdtempSync(join(world.folder, "project-"));
  copyFileSync(join(root, "gateway.yaml"), join(folder, "gateway.yaml"));
  return folder;
}

/** The same within this process, where it is not the start that is tested: a process takes its time. */
async function inside(argv: readonly string[]) {
  const out: string[] = [];
  const print = (text: string) => void out.push(stripVTControlCharacters(text));
  const environment = { ...secrets, SAMPAN_PUBLIC_URL: "https://gw.example.com" };
  const code = await main(argv, { out: print, err: print, environment, now: Date.now });
  return { code, out: out.join("\n") };
}

/** A delivery that LINE refused; gives its number in the queue. */
async function failedDelivery(): Promise<string> {
  const body = { message: "Failed to send messages" };
  world.line.faults.push({ path: "message", status: 400, body, times: 2 });
  const { id } = await world.genesys.say(customer, "refused");
  await until(() => world.genesys.receipts.some((one) => one.id === id), "it has failed");
  world.line.faults.length = 0;
  const { out } = await inside([
    "queue",
    "list",
    "--config",
    world.file,
    "--status",
    "failed",
    "--json",
  ]);
  const [newest] = JSON.parse(out) as { id: number }[];
  return String(newest?.id);
}

const ran: Readonly<Record<string, () => Promise<void>>> = {
  async check() {
    expect(await run(["check"])).toMatchObject({ code: 0, err: "" });
  },
  async "check --live"() {
    expect(await run(["check", "--live"])).toMatchObject({ code: 0, err: "" });
  },
  async "new rule hello"() {
    const folder = emptyProject();
    expect(await run(["new", "rule", "hello"], folder)).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(join(folder, "mappings"))).toContain("hello.test.yaml");
  },
  async schema() {
    const folder = emptyProject();
    expect(await run(["schema"], folder)).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(join(folder, "schemas"))).toContain("gateway.schema.json");
  },
  async "explain event.json"() {
    const message = { id: "1", type: "text", text: "hello" };
    const event = { type: "message", source: { type: "user", userId: customer }, message };
    writeFileSync(join(world.folder, "event.json"), JSON.stringify(event));
    const { code, out } = await run(["explain", "event.json"]);
    expect(out).toContain("hello");
    expect(code).toBe(0);
  },
  async "explain <id>"() {
    const { code, out } = await inside(["explain", await failedDelivery(), "--config", world.file]);
    expect(out).toMatch(/delivery \d+ of line is failed after 1 attempt/);
    expect(code).toBe(0);
  },
  async "capture <id>"() {
    const { code, out } = await run(["capture", await failedDelivery()]);
    expect(out).toContain("text: xxxxxxx");
    expect(out).not.toContain("refused");
    expect(code).toBe(0);
  },
  async "test --coverage"() {
    const { code, out } = await inside(["test", "--coverage"]);
    expect(out).toMatch(/^# mappings\/line\.yaml +\d+\/\d+/m);
    expect(code).toBe(0);
  },
  async start() {
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200);
    const { pid } = gateway;
    await world.stop();
    expect(world.log.at(-1)).toContain("stopped");
    await world.start();
    expect(gateway.pid).not.toBe(pid);
  },
  async test() {
    const { code, out } = await run(["test"], root);
    expect(out).toMatch(/^ok \d - mappings\/genesys\.test\.yaml$/m);
    expect(out).not.toMatch(/^ *not ok/m);
    expect(code).toBe(0);
  },
  async "queue list"() {
    expect(await run(["queue", "list"])).toMatchObject({ code: 0, err: "" });
  },
  async "queue show <id>"() {
    const id = await failedDelivery();
    const { code, out } = await run(["queue", "show", id]);
    expect(out).toContain("Failed to send messages");
    expect(out).not.toContain("refused");
    expect(code).toBe(0);
  },
  async "queue replay <id…>"() {
    const id = await failedDelivery();
    const before = world.customerSees().split("refused").length;
    expect(await run(["queue", "replay", id])).toMatchObject({ code: 0 });
    const again = () => world.customerSees().split("refused").length === before + 1;
    await until(again, "the gateway that runs beside sends it");
  },
  async "queue edit <id>"() {
    const id = await failedDelivery();
    const file = join(world.folder, "content.json");
    writeFileSync(file, JSON.stringify({ payloads: [{ type: "text", text: "mended" }] }));
    expect(await run(["queue", "edit", id, "--body", file])).toMatchObject({ code: 0 });
    await inside(["queue", "replay", id, "--config", world.file]);
    await until(() => world.customerSees().includes("mended"), "the gateway sends the new content");
  },
  async audit() {
    expect(await run(["audit"])).toMatchObject({ code: 0, err: "" });
  },
  async "backup <file>"() {
    const copy = join(world.folder, "copy.db");
    expect(await run(["backup", copy])).toMatchObject({ code: 0 });
    expect(existsSync(copy)).toBe(true);
  },
  async erase() {
    const whom = ["--channel", "line", "--user", "U404", "--dry-run"];
    expect(await run(["erase", ...whom])).toMatchObject({ code: 0, err: "" });
  },
  async "drop <id…>"() {
    const id = await failedDelivery();
    expect(await run(["queue", "drop", id])).toMatchObject({ code: 0 });
    const show = await inside(["queue", "show", id, "--config", world.file]);
    expect(show.out).toMatch(/status +dropped/);
  },
};

describe("the README", () => {
  const readme = read("README.md");
  const commands = [...new Set(commandsIn(readme.replace("` · `drop", "`\n`npx sampan drop")))];

  test.each(commands)("npx sampan %s", async (command) => {
    const show = ran[command];
    if (show === undefined) throw new Error(`no test runs \`npx sampan ${command}\``);
    await show();
  });

  test("has no other command untried", () => {
    expect([...commands].sort()).toEqual(Object.keys(ran).sort());
  });

  test("its two npm commands are what CI runs", () => {
    const ci = read(".ci", "run");
    for (const command of ["npm ci", "npm run demo", "npm cit"]) {
      expect(readme).toContain(command);
      expect(ci).toMatch(new RegExp(`^${command}$`, "m"));
    }
  });

  test("its gateway.yaml is the one in the project, without comments", () => {
    const [, shown = ""] = /```yaml\n(server:[\s\S]*?)```/.exec(readme) ?? [];
    const keys = (text: string) => [...text.matchAll(/^ *([A-Za-z]+):/gm)].map(([, key]) => key);
    expect(keys(shown).length).toBeGreaterThan(10);
    for (const key of keys(shown)) expect(read("gateway.yaml")).toContain(`${key}:`);
  });

  test.each([...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = ""]) => target))(
    "its link to %s leads somewhere",
    (target) => {
      expect(() =>
        readdirSync(join(root, target, target.includes(".") || target === "LICENSE" ? ".." : ".")),
      ).not.toThrow();
    },
  );
});

describe("the examples", () => {
  const commands = examples.flatMap((example) => {
    const folder = join(root, "examples", example);
    if (!readdirSync(folder).includes("README.md")) return [];
    return commandsIn(read("examples", example, "README.md"));
  });
  test.each(commands.filter((command) => !command.startsWith("start")))(
    "npx sampan %s",
    async (command) => {
      const { code, out } = await inside(command.split(" "));
      expect(out).toMatch(/^ok /m);
      expect(out).not.toMatch(/^ *not ok/m);
      expect(code).toBe(0);
    },
  );
});
