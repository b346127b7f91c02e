import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkConfig, type KnownPlugins } from "../src/config/check.ts";
import { readConfig } from "../src/config/read.ts";
import {
  type ChannelPlugin,
  defineChannel,
  defineMapper,
  formatDiagnostic,
  Secret,
  Type,
} from "../src/kit/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sampan-config-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const put = (path: string, text: string) => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};

const raft = defineChannel({
  name: "raft",
  summary: "A channel that does everything",
  config: Type.Object({
    token: Secret(),
    secrets: Type.Optional(Type.Union([Secret(), Type.Array(Secret())])),
    region: Type.String({ default: "sea" }),
    limit: Type.Optional(Type.Integer()),
  }),
  receives: {},
  sends: Type.Unknown(),
  create({ region }) {
    if (region === "desert") throw new Error("no water there");
    return { receive: () => ({ events: [] }), send: () => Promise.resolve({}) };
  },
}) as unknown as ChannelPlugin;
const buoy: ChannelPlugin = {
  ...raft,
  name: "buoy",
  config: Type.Object({}),
  create: () => ({ receive: () => ({ events: [] }) }),
};
const chart = defineMapper({
  name: "chart",
  summary: "",
  config: Type.Object({ scale: Type.Integer({ default: 5 }) }),
  create: () => [],
});
const known: KnownPlugins = {
  channels: new Map([
    ["raft", raft],
    ["buoy", buoy],
  ]),
  mappers: new Map([["chart", chart]]),
  createChannel: (plugin, options, context) => plugin.create(options, context),
};

const check = (text: string, environment: Record<string, string> = {}) => {
  const file = put("gateway.yaml", text);
  const { draft, diagnostics } = readConfig(file, environment);
  if (draft === undefined) return { diagnostics, config: undefined };
  const checked = checkConfig(draft, known);
  return { config: checked.config, diagnostics: [...diagnostics, ...checked.diagnostics] };
};
const configOf = (text: string, environment: Record<string, string> = {}) => {
  const { config, diagnostics } = check(text, environment);
  if (config === undefined) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return config;
};
const faults = (text: string, environment: Record<string, string> = {}) =>
  check(text, environment).diagnostics.map(
    ({ line, column, code, message, hint }) =>
      `${line}:${column} ${code} ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );

const small = `
server: { port: 8081, publicUrl: "https://gw.example.com/" }
store: data/x.db
channels:
  north:
    use: raft
    with:
      token: \${ env.TOKEN }
  south:
    use: raft
    with: { token: "\${ env.TOKEN }", region: river }
routes:
  - connect: [north, south]
`;

const day = 86_400_000;

describe("a configuration that is fine", () => {
  test("has all defaults, absolute paths, and options without secrets", () => {
    put("mappings/raft.yaml", "channel: raft");
    const config = configOf(small, { TOKEN: "hush-hush" });
    expect(config).toMatchObject({
      folder: root,
      server: {
        port: 8081,
        host: "0.0.0.0",
        publicUrl: "https://gw.example.com",
        bodyLimit: 2 ** 20,
      },
      store: {
        file: join(root, "data/x.db"),
        minFree: 200 * 2 ** 20,
        retention: { settledMs: 7 * day, bodiesMs: 7 * day, keysMs: 30 * day },
      },
      admin: { tokens: {}, callsPerMinute: 120 },
      plugins: { folders: [], packages: [] },
      mappers: { chart: { scale: 5 } },
      routes: [{ connect: ["north", "south"] }],
      assets: { folder: join(root, "data/assets"), retentionDays: 30, maxBytes: 200 * 2 ** 20 },
      log: { level: "info" },
      delivery: {
        concurrency: 64,
        giveUpAfterMs: 86_400_000,
        longestPauseMs: 60_000,
      },
      secrets: ["hush-hush"],
    });
    expect(config.channels["north"]).toMatchObject({
      use: "raft",
      with: { token: "hush-hush", region: "sea" },
      options: { region: "sea" },
      mapping: [join(root, "mappings/raft.yaml")],
    });
  });

  test("takes the store in its long form, and names whose token opens /admin", () => {
    const config = configOf(
      `store: { minFree: 1GiB, retention: { settled: 12h, bodies: 1h } }
admin: { token: "\${ env.ONE }", tokens: { ann: "\${ env.TWO }" } }
channels: {}
`,
      { ONE: "one-token-that-is-long", TWO: "two-token-that-is-long" },
    );
    expect(config.store).toEqual({
      file: join(root, "data/sampan.db"),
      minFree: 2 ** 30,
      retention: { settledMs: day / 2, bodiesMs: day / 24, keysMs: 30 * day },
    });
    expect(config.admin.tokens).toEqual({
      admin: "one-token-that-is-long",
      ann: "two-token-that-is-long",
    });
    expect(config.secrets).toEqual(expect.arrayContaining(Object.values(config.admin.tokens)));
    const none = configOf(`admin: { token: '\${ env.NONE ?? "" }' }\nchannels: {}`);
    expect(none.admin.tokens).toEqual({});
  });

  test("is frozen all the way down", () => {
    const config = configOf(small, { TOKEN: "hush-hush" });
    expect(() => Object.assign(config.channels["north"]?.with ?? {}, { region: "x" })).toThrow(
      TypeError,
    );
  });

  test("takes numbers out of variables, defaults for unset ones, and secrets out of files", () => {
    put("token.txt", "from a file\n");
    const config = configOf(
      `server: { port: "\${ env.PORT }", host: '\${ env.HOST ?? "::1" }' }
channels:
  north:
    use: raft
    with:
      token: \${ file("token.txt") }
      limit: \${ env.LIMIT }
      secrets: ["\${ env.A }-\${ env.B }", "$\${ kept }"]
`,
      { PORT: "99", LIMIT: "12", A: "1", B: "2" },
    );
    expect(config.server).toMatchObject({ port: 99, host: "::1" });
    expect(config.channels["north"]?.with).toMatchObject({
      token: "from a file",
      limit: 12,
      secrets: ["1-2", `\${ kept }`],
    });
    expect(config.channels["north"]?.options).toEqual({ region: "sea", limit: 12 });
  });

  test("lists plug-in folders, packages and layered mapping files", () => {
    mkdirSync(join(root, "more"));
    put("mine.yaml", "");
    const config = configOf(
      `plugins: [more, { package: raft-kit }]
channels:
  north: { use: raft, with: { token: abc }, mapping: [mine.yaml] }
`,
    );
    expect(config.plugins).toEqual({ folders: [join(root, "more")], packages: ["raft-kit"] });
    expect(config.channels["north"]?.mapping).toEqual([join(root, "mine.yaml")]);
  });
});

describe("faults", () => {
  test("of the file's own shape have line, column and a suggestion", () => {
    const found = faults(`server:
  prot: 80
  port: "eighty"
chanels: {}
log: { level: loud }
delivery: { giveUpAfter: soon }
routes: [{ connect: [a] }]
`);
    expect(found).toEqual([
      '1:1 missing-field "channels" is missing',
      '4:1 unknown-field there is no "chanels" here (did you mean "channels"?)',
      '2:3 unknown-field there is no "prot" here (did you mean "port"?)',
      '3:9 wrong-type "port" must be a whole number',
      '7:21 wrong-value "connect" must NOT have fewer than 2 items',
      '5:15 wrong-type "level" must be "debug" or "info" or "warn" or "error" or "silent"',
      '6:26 wrong-value "giveUpAfter" must match pattern "^[0-9]+(ms|s|m|h|d)$"',
    ]);
  });

  test("of the store's settings and of the admin's tokens are told at their place", () => {
    expect(
      faults(`store: { flie: x.db, minFree: lots, retention: { settled: long } }
admin: { token: short, tokens: { ann: "\${ env.ANN }" } }
channels: {}
`),
    ).toEqual([
      expect.stringMatching(/^2:40 unset-variable the environment variable ANN is not set/),
      '1:10 unknown-field there is no "flie" here (did you mean "file"?)',
      '1:31 wrong-type "minFree" must be a whole number or a text such as 1MiB',
      '1:59 wrong-value "settled" must match pattern "^[0-9]+(ms|s|m|h|d)$"',
    ]);
    expect(faults("admin: { token: brief }\nchannels: {}")).toEqual([
      '1:17 wrong-value the token "token" is too short: it can be guessed (at least 16 characters, such as `openssl rand -hex 24` gives)',
    ]);
    expect(faults("store: 5\nchannels: {}")).toEqual(['1:8 wrong-type "store" must be a mapping']);
  });

  test("of variables, options, plug-ins and routes are all told at once", () => {
    const found = faults(`plugins: [nowhere]
mappers: { chrt: {} }
channels:
  north:
    use: raft
    with:
      token: \${ env.TOKEN }
      regoin: sea
      limit: many
  south: { use: rafd }
  buoy: { use: buoy, mapping: [gone.yaml] }
  dry: { use: raft, with: { token: abcd, region: desert } }
routes:
  - connect: [north, north]
  - connect: [north, buoy]
  - connect: [buoy, north]
  - connect: [north, sout]
`);
    expect(found).toEqual([
      expect.stringMatching(
        /^7:14 unset-variable the environment variable TOKEN is not set \(export/,
      ),
      expect.stringMatching(/^1:11 unknown-folder there is no folder .*nowhere/),
      '8:7 unknown-field there is no option "regoin" (did you mean "region"?)',
      '9:14 wrong-type "limit" must be a whole number',
      '10:17 unknown-plugin there is no channel plug-in "rafd" (did you mean "raft"?)',
      expect.stringMatching(/^11:32 unreadable-file there is no mapping file gone.yaml/),
      "12:21 plugin-create no water there",
      '2:12 unknown-plugin there is no mapper plug-in "chrt" (did you mean "chart"?)',
      '14:14 wrong-route "north" is connected with itself',
      '15:22 wrong-route the channel "buoy" cannot send (both ends of a connection send and receive)',
      "16:14 duplicate buoy and north are connected already",
      '17:22 unknown-channel there is no channel "sout" (did you mean "south"?)',
    ]);
  });

  test("of YAML, of expressions and of a missing file are findings, not exceptions", () => {
    expect(faults("channels: {\n")).toEqual([expect.stringMatching(/^\d+:\d+ yaml /)]);
    expect(faults(`store: "\${ now() }"\nchannels: {}`)).toEqual([
      expect.stringMatching(/^1:9 bad-expression cannot read the expression \$\{ now\(\) \}/),
    ]);
    expect(faults(`store: \${ file("nope.txt") }\nchannels: {}`)).toEqual([
      expect.stringMatching(/^1:8 unreadable-file cannot read the file .*nope.txt: ENOENT/),
    ]);
    expect(readConfig(join(root, "none.yaml"), {}).diagnostics[0]?.message).toBe(
      "there is no such file",
    );
  });

  test("show the place, never the value of a secret", () => {
    const { diagnostics } = check(`channels:
  north:
    use: raft
    with: { token: sesame-open, regoin: sea }
  south:
    use: raft
    with:
      secrets: [sesame-shut, 7]
`);
    const printed = diagnostics.map(formatDiagnostic).join("\n");
    expect(printed).toContain("^^^^^^");
    expect(printed).toContain("regoin");
    expect(printed).not.toContain("sesame");
  });
});
