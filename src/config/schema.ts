import { Secret, type Static, Type } from "../kit/index.ts";
import { ratePattern } from "../kit/rate.ts";
import { Assets } from "./schema-assets.ts";
import { closed, Duration, maybe, Size } from "./schema-parts.ts";

const duration = (description: string) =>
  Type.String({ pattern: "^[0-9]+(ms|s|m|h|d)$", description });

const Server = Type.Object(
  {
    port: Type.Integer({
      ...{ minimum: 0, maximum: 65535, default: 8080 },
      description: "The port listened on; 0 takes a free one",
    }),
    host: Type.String({ minLength: 1, default: "0.0.0.0", description: "The address listened on" }),
    publicUrl: maybe(
      Type.String({
        pattern: "^https?://[^/?#]+(/[^?#]*)?$",
        description: "How the world reaches this gateway; links to assets begin with it",
      }),
    ),
    bodyLimit: Size("1MiB", "The largest webhook body that is read"),
  },
  { ...closed, default: {}, description: "Where it listens" },
);

const Lanes = Type.Object(
  {
    poison: Type.Union([Type.Literal("set-aside"), Type.Literal("stop")], {
      default: "set-aside",
      description:
        "What becomes of a message that fails again and again for reasons of its own: set-aside fails it and goes on with the next; stop keeps its conversation closed, tries on, and logs an error each time",
    }),
    after: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 30,
      description: "After so many such failures; 30 take about a quarter of an hour",
    }),
  },
  { ...closed, description: "What becomes of a conversation whose message fails again and again" },
);

const Quota = Type.Object(
  {
    spent: Type.Union([Type.Literal("hold"), Type.Literal("fail")], {
      default: "hold",
      description:
        "What becomes of messages once the platform's quota is spent: hold keeps them until there is one, or giveUpAfter; fail tells their sender at once",
    }),
    probe: Duration(
      "1h",
      "One message asks whether the quota is still spent: first after delivery.longestPause, then ever more rarely, at last this often",
    ),
  },
  { ...closed, description: "What becomes of messages when the platform's quota is spent" },
);

const Limits = Type.Record(
  Type.String(),
  Type.String({
    pattern: `${ratePattern}|^none$`,
    description: "such as 300/m, 2000/s or none",
  }),
  { description: "Calls that the platform allows, by the plug-in's classes of endpoints" },
);

const StoreFile = Type.String({
  minLength: 1,
  default: "data/sampan.db",
  description: "The file of the store, relative to gateway.yaml",
});

/** The long form of `store:`. */
export const StoreSettings = Type.Object(
  {
    file: StoreFile,
    minFree: Size("200MiB", "With less free on the disk no webhook is taken: it is answered 503"),
    retention: Type.Object(
      {
        settled: Duration("7d", "Messages that came to an end stay so long"),
        bodies: maybe(
          Duration("7d", "What people said goes earlier where all went well; as long unless given"),
        ),
        keys: Duration("30d", "So long an event that comes again is known to be the same"),
      },
      { ...closed, default: {}, description: "How long what is kept" },
    ),
  },
  { ...closed, default: {} },
);
export type StoreSettings = Static<typeof StoreSettings>;

// Not a union: inside one ajv fills in no defaults and tells only that nothing fits.
const Store = Type.Unsafe<string | StoreSettings>({
  if: { type: "string" },
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  then: StoreFile,
  else: StoreSettings,
  default: {},
  description: "The file of the store, or its settings",
});

const Rules = Type.Object(
  {
    reload: Type.Boolean({
      default: true,
      description:
        "Load changed rules while running; broken ones are refused and the old ones stay",
    }),
    poll: Duration("5s", "How often rules are looked at where the file system tells of no changes"),
  },
  { ...closed, default: {}, description: "How rules are loaded while the gateway runs" },
);

const ChannelEntry = Type.Object(
  {
    use: Type.String({ minLength: 1, description: "The channel plug-in" }),
    with: maybe(Type.Record(Type.String(), Type.Unknown(), { description: "Its options" })),
    mapping: maybe(
      Type.Array(Type.String({ minLength: 1 }), {
        description: "Files of rules, first match wins; mappings/<use>.yaml unless given",
      }),
    ),
    limits: maybe(Limits),
    lanes: maybe(Lanes),
    held: maybe(
      Type.Union([Type.Literal("hold"), Type.Literal("resend"), Type.Literal("assume-sent")], {
        description:
          "What becomes of a message that may have been sent: hold (unless given) waits for a person; resend sends it once more, perhaps twice; assume-sent takes it for sent, perhaps not at all",
      }),
    ),
    quota: maybe(Quota),
    giveUpAfter: maybe(duration("Instead of delivery.giveUpAfter, for this channel")),
    concurrency: maybe(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: "Instead of delivery.concurrency, for this channel",
      }),
    ),
  },
  closed,
);

const Route = Type.Object(
  {
    connect: Type.Array(Type.String(), {
      minItems: 2,
      maxItems: 2,
      description: "Two channels; messages go both ways",
    }),
  },
  closed,
);

/** Empty: as if it were not there, for `${ env.NAME ?? "" }`. */
const Token = Secret({ minLength: 0, description: "At least 16 characters" });

const Admin = Type.Object(
  {
    token: maybe(Token),
    tokens: maybe(
      Type.Record(Type.String(), Token, {
        description: "One for each person or program, by name: the name stands in the record",
      }),
    ),
    callsPerMinute: Type.Integer({
      ...{ minimum: 1, default: 120 },
      description: "So many calls a minute, then 429",
    }),
  },
  { ...closed, default: {}, description: "/admin is there only with a token" },
);

/** The shape of gateway.yaml. */
export const GatewayFile = Type.Object(
  {
    server: Server,
    store: Store,
    plugins: Type.Array(
      Type.Union([
        Type.String({ minLength: 1, description: "a folder" }),
        Type.Object({ package: Type.String({ minLength: 1 }) }, closed),
      ]),
      { default: [], description: "Folders and packages beside the built-in plug-ins" },
    ),
    mappers: Type.Record(Type.String(), Type.Unknown(), {
      default: {},
      description: "Options of mapper plug-ins",
    }),
    channels: Type.Record(Type.String(), ChannelEntry, { description: "The configured accounts" }),
    rules: Rules,
    routes: Type.Array(Route, { default: [], description: "Who is connected with whom" }),
    assets: Assets,
    admin: Admin,
    log: Type.Object(
      {
        level: Type.Union(
          [
            Type.Literal("debug"),
            Type.Literal("info"),
            Type.Literal("warn"),
            Type.Literal("error"),
            Type.Literal("silent"),
          ],
          { default: "info", description: "The least that is logged" },
        ),
      },
      { ...closed, default: {}, description: "The log, as JSON lines on standard output" },
    ),
    delivery: Type.Object(
      {
        concurrency: Type.Integer({
          minimum: 1,
          maximum: 10_000,
          default: 64,
          description:
            "Jobs worked on at once, for each channel and each of: events, deliveries, receipts",
        }),
        giveUpAfter: Duration("24h", "A delivery that old is not tried again"),
        longestPause: Duration(
          "1m",
          "The longest wait between two attempts, and between two probes of a paused channel",
        ),
        attemptTimeout: Duration("5m", "An attempt that takes longer is cut off"),
      },
      { ...closed, default: {}, description: "How messages are delivered, for all channels" },
    ),
  },
  closed,
);
export type GatewayFile = Static<typeof GatewayFile>;

/** The file in either form of `store:`. */
export const storeFile = (store: GatewayFile["store"]): string =>
  typeof store === "string" ? store : store.file;

const milliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `24h` → 86 400 000. The text has been checked. */
export function toMilliseconds(duration: string): number {
  const [, count, unit] = /^([0-9]+)(ms|s|m|h|d)$/.exec(duration) ?? [];
  return Number(count) * milliseconds[unit as keyof typeof milliseconds];
}

const bytes = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `1MiB` and `1MB` → 1 048 576: nobody who writes MB of a limit means less. */
export function toBytes(size: string | number): number {
  const [, count, unit] = /^([0-9]+)([kmg]?)/.exec(String(size).toLowerCase()) ?? [];
  return Number(count) * bytes[unit as keyof typeof bytes];
}
