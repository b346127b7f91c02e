import { resolve } from "node:path";
import { Secret, type Static, Type } from "../kit/index.ts";
import type { AssetConfig } from "./config.ts";

const closed = { additionalProperties: false };
const maybe = Type.Optional;

/** `30s`, `15m`, `24h`, `7d`. */
const Duration = (fallback: string, description: string) =>
  Type.String({ pattern: "^[0-9]+(ms|s|m|h|d)$", default: fallback, description });

/** `500KiB`, `1MiB`, `10GiB`, or a plain number of bytes. */
const Size = (fallback: string, description: string) =>
  Type.Union(
    [
      Type.Integer({ minimum: 1 }),
      Type.String({ pattern: "^[0-9]+(B|[kKMG]i?B)?$", description: "such as 1MiB" }),
    ],
    { default: fallback, description },
  );

const Server = Type.Object(
  {
    port: Type.Integer({ minimum: 0, maximum: 65535, default: 8080 }),
    host: Type.String({ minLength: 1, default: "0.0.0.0", description: "The address listened on" }),
    publicUrl: maybe(
      Type.String({
        pattern: "^https?://[^/?#]+(/[^?#]*)?$",
        description: "How the world reaches this gateway; links to assets begin with it",
      }),
    ),
    bodyLimit: Size("1MiB", "The largest webhook body that is read"),
  },
  { ...closed, default: {} },
);

const S3 = Type.Object(
  {
    bucket: Type.String({ minLength: 3 }),
    region: Type.String({ minLength: 1, default: "us-east-1" }),
    endpoint: maybe(
      Type.String({ pattern: "^https?://[^/?#]+/?$", description: "Of a store not Amazon's" }),
    ),
    prefix: Type.String({
      default: "",
      pattern: "^([\\w!.*'()-]+/)*$",
      description: "Before every key; ends with a slash",
    }),
    accessKeyId: Secret(),
    secretAccessKey: Secret(),
    pathStyle: maybe(
      Type.Boolean({ description: "The bucket in the path; true where there is an endpoint" }),
    ),
  },
  closed,
);

const Assets = Type.Object(
  {
    folder: Type.String({
      minLength: 1,
      default: "data/assets",
      description: "Where files lie; with s3 only while they come in",
    }),
    retentionDays: Type.Number({ exclusiveMinimum: 0, default: 30 }),
    maxBytes: Size("200MiB", "The largest file that is kept"),
    s3: maybe(S3),
  },
  { ...closed, default: {} },
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

/** The shape of gateway.yaml. */
export const GatewayFile = Type.Object(
  {
    server: Server,
    store: Type.String({
      minLength: 1,
      default: "data/sampan.db",
      description: "The file of the store, relative to gateway.yaml",
    }),
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
    routes: Type.Array(Route, { default: [], description: "Who is connected with whom" }),
    assets: Assets,
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
          { default: "info" },
        ),
      },
      { ...closed, default: {} },
    ),
    delivery: Type.Object(
      {
        concurrency: Type.Integer({ minimum: 1, maximum: 10_000, default: 64 }),
        giveUpAfter: Duration("24h", "A delivery that old is not tried again"),
        longestPause: Duration("1m", "The longest wait between two attempts"),
      },
      { ...closed, default: {} },
    ),
  },
  closed,
);
export type GatewayFile = Static<typeof GatewayFile>;

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

/** Absolute, with what depends on each other filled in. */
export function toAssets(
  { folder, retentionDays, maxBytes, s3 }: GatewayFile["assets"],
  base: string,
): AssetConfig {
  const place = { folder: resolve(base, folder), retentionDays, maxBytes: toBytes(maxBytes) };
  if (s3 === undefined) return place;
  // Nearly every store that is not Amazon's wants the bucket in the path.
  return { ...place, s3: { ...s3, pathStyle: s3.pathStyle ?? s3.endpoint !== undefined } };
}
