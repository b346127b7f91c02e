import { createHmac, timingSafeEqual } from "node:crypto";

/** The three variable parts of an asset's URL, percent-decoded. */
export interface AssetPath {
  readonly id: string;
  /** `<signature>.<expiry>`. */
  readonly signature: string;
  readonly name: string;
}

export interface Links {
  /** `<publicUrl>/assets/<id>/<signature>.<expiry>/<name>`. `expiresAt` in milliseconds since 1970. */
  make(id: string, name: string, expiresAt: number): string;
  /** The parts of a URL of ours; `undefined` for any other. Does not check the signature. */
  parse(url: string): AssetPath | undefined;
  /** When it expires, in milliseconds since 1970; `undefined` when we never signed it. */
  expiryOf(path: AssetPath): number | undefined;
}

/** Makes and checks URLs that nobody can guess or stretch. `keys[0]` signs, all of them check. */
export function createLinks(publicUrl: string, keys: readonly string[]): Links {
  const [signing] = keys;
  if (signing === undefined) throw new RangeError("createLinks needs at least one key");
  const prefix = `${publicUrl.replace(/\/+$/, "")}/assets/`;
  return {
    make(id, name, expiresAt) {
      // Whole seconds in base 36 keep the URL short.
      const expiry = Math.ceil(expiresAt / 1000).toString(36);
      const signature = sign(signing, id, expiry, name).toString("base64url");
      return `${prefix}${id}/${signature}.${expiry}/${encode(name)}`;
    },
    parse(url) {
      if (!url.startsWith(prefix)) return undefined;
      const [id = "", signature = "", name = "", ...rest] = url.slice(prefix.length).split("/");
      if (!isAssetId(id) || rest.length > 0) return undefined;
      try {
        return { id, signature, name: decodeURIComponent(name) };
      } catch {
        return undefined; // Not percent-encoding, so not a URL that `make` made.
      }
    },
    expiryOf({ id, signature, name }) {
      const [given = "", expiry = ""] = signature.split(".");
      const bytes = Buffer.from(given, "base64url");
      if (!/^[0-9a-z]{1,9}$/.test(expiry) || bytes.toString("base64url") !== given)
        return undefined;
      const ours = keys.some((key) => {
        const expected = sign(key, id, expiry, name);
        return expected.length === bytes.length && timingSafeEqual(expected, bytes);
      });
      return ours ? Number.parseInt(expiry, 36) * 1000 : undefined;
    },
  };
}

/** 256 bits in base64url: what the names of asset files look like. */
export const isAssetId = (id: string): boolean => /^[\w-]{43}$/.test(id);

// 192 bits: no shorter than it must be, because some platforms limit URLs.
function sign(key: string, id: string, expiry: string, name: string): Buffer {
  return createHmac("sha256", key).update(`${id}\n${expiry}\n${name}`).digest().subarray(0, 24);
}

/** RFC 3986 has five more reserved characters than `encodeURIComponent`; some fetchers rewrite them. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
