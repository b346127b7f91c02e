import { resolve } from "node:path";
import type { Diagnostic } from "../kit/index.ts";
import { withDefaults } from "./check-value.ts";
import type { AssetConfig, Config } from "./config.ts";
import { pathKey } from "./document.ts";
import type { Draft } from "./read.ts";
import { type GatewayFile, StoreSettings, toBytes, toMilliseconds } from "./schema.ts";

/** `store:` in either form, with all defaults. */
export function storeOf(store: GatewayFile["store"], folder: string): Config["store"] {
  const given = typeof store === "string" ? { file: store } : store;
  const { file, minFree, retention } = withDefaults(StoreSettings, given) as StoreSettings;
  const settledMs = toMilliseconds(retention.settled);
  const bodiesMs = toMilliseconds(retention.bodies ?? retention.settled);
  return {
    file: resolve(folder, file),
    minFree: toBytes(minFree),
    retention: {
      settledMs,
      bodiesMs: Math.min(bodiesMs, settledMs),
      keysMs: toMilliseconds(retention.keys),
    },
  };
}

/** Absolute, with what depends on each other filled in. */
export function assetsOf(assets: GatewayFile["assets"], folder: string): AssetConfig {
  const { retentionDays, maxBytes, s3 } = assets;
  const place = {
    folder: resolve(folder, assets.folder),
    retentionDays,
    maxBytes: toBytes(maxBytes),
  };
  if (s3 === undefined) return place;
  // Nearly every store that is not Amazon's wants the bucket in the path.
  return { ...place, s3: { ...s3, pathStyle: s3.pathStyle ?? s3.endpoint !== undefined } };
}

/** Who may use /admin. The one `token` belongs to "admin". */
export function adminOf({ admin }: GatewayFile): Config["admin"] {
  const { callsPerMinute } = admin;
  const given = tokensOf(admin).filter(({ token }) => token !== "");
  return {
    tokens: Object.fromEntries(given.map(({ who, token }) => [who, token])),
    callsPerMinute,
  };
}

/** Short tokens can be guessed in spite of the rate limit. */
export function checkAdmin({ source, value }: Draft): readonly Diagnostic[] {
  return tokensOf(value.admin)
    .filter(({ token, path }) => token.length < 16 && token !== "" && !source.failed.has(path))
    .map(({ place }) =>
      source.at(place, {
        code: "wrong-value",
        message: `the token "${place.at(-1)}" is too short: it can be guessed`,
        hint: "at least 16 characters, such as `openssl rand -hex 24` gives",
      }),
    );
}

function tokensOf({ token, tokens = {} }: GatewayFile["admin"]) {
  const one = token === undefined ? [] : [{ who: "admin", token, place: ["admin", "token"] }];
  const named = Object.entries(tokens).map(([who, text]) => ({
    who,
    token: text,
    place: ["admin", "tokens", who],
  }));
  return [...one, ...named].map((entry) => ({ ...entry, path: pathKey(entry.place) }));
}
