import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { SampanError } from "../kit/errors.ts";
import { isMissing } from "./faults.ts";

/**
 * The secrets that sign asset URLs, one a line of `<folder>/asset-keys`, the first signs. Makes the file
 * (0600) on first use. To rotate, put a new line first; remove the old one when its URLs have expired.
 * Throws `asset.keys` when the file holds none.
 */
export async function assetKeys(folder: string): Promise<string[]> {
  const path = join(folder, "asset-keys");
  const keys = (await readKeys(path)) ?? (await create(folder, path));
  if (keys.length > 0 && keys.every((key) => key.length >= 16)) return keys;
  throw new SampanError(
    "asset.keys",
    `${path} must hold one key of at least 16 characters a line`,
    {
      hint: "Remove the file to get a new key; links that were given out then stop working.",
    },
  );
}

async function create(folder: string, path: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, `.asset-keys.${randomUUID()}`);
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString("base64url")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // `link` never replaces: of two processes that start at once both read the first one's key.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return (await readKeys(path)) ?? [];
}

async function readKeys(path: string): Promise<string[] | undefined> {
  try {
    const text = await readFile(path, "utf8");
    return text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
