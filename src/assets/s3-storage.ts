import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import type { S3Client as Client } from "@aws-sdk/client-s3";
import * as sdk from "@aws-sdk/client-s3";
import { Drafts } from "./drafts.ts";
import { storageFault } from "./faults.ts";
import { isAssetId } from "./links.ts";
import { upload } from "./s3-upload.ts";
import type { AssetStorage, ByteRange, FileFacts } from "./storage.ts";

export interface S3Options {
  readonly bucket: string;
  readonly region: string;
  /** Of a store that is not Amazon's. */
  readonly endpoint?: string;
  /** Before every key, such as `sampan/`. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. */
  readonly pathStyle: boolean;
}

/** So many pages of 1000 keys are looked at in one sweep; the next one goes on behind them. */
const pagesPerSweep = 50;

/**
 * Files in an S3-compatible bucket, one object each: its facts are the object's metadata, so that neither can be
 * without the other. `folder` is for files that are lent to programs that want a path. Ages are told by the
 * bucket's clock.
 */
export function s3Storage(options: S3Options, folder: string): AssetStorage {
  const place = { client: createClient(options), bucket: options.bucket, prefix: options.prefix };
  const loans = new Drafts(folder, Date.now);
  // What was put while a sweep lists: its age in the list is an old one.
  const fresh = new Set<string>();
  let after: string | undefined;
  return {
    async put(path, facts) {
      fresh.add(facts.id);
      const to = { Bucket: place.bucket, Key: keyOf(place, facts.id), ...headersOf(facts) };
      await upload(place.client, to, path, facts.bytes).catch(storageFault);
      await rm(path, { force: true });
    },
    facts: async (id) => (isAssetId(id) ? head(place, id).catch(storageFault) : undefined),
    read: (id, range) => read(place, id, range).catch(storageFault),
    async lend(id, use) {
      const body = await read(place, id, undefined).catch(storageFault);
      if (body === undefined) return undefined;
      const draft = await loans.pour(body, Number.POSITIVE_INFINITY);
      try {
        return await use(draft.path);
      } finally {
        await loans.discard(draft);
      }
    },
    async touch(id) {
      fresh.add(id);
      return touch(place, id).catch(storageFault);
    },
    async remove(id) {
      const found = isAssetId(id) ? await head(place, id).catch(storageFault) : undefined;
      if (found !== undefined) await remove(place, [keyOf(place, id)]).catch(storageFault);
      return found !== undefined;
    },
    async sweep(before) {
      fresh.clear();
      const swept = await sweep(place, before, fresh, after).catch(storageFault);
      after = swept.after;
      return swept.removed;
    },
  };
}

interface Place {
  readonly client: Client;
  readonly bucket: string;
  readonly prefix: string;
}

function createClient(options: S3Options): Client {
  const { region, endpoint, pathStyle, accessKeyId, secretAccessKey } = options;
  return new sdk.S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: pathStyle,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
    // Checksums that Amazon added in 2025 and other stores do not know.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

const keyOf = ({ prefix }: Place, id: string) => prefix + id;

// Metadata travels in headers, which are ASCII.
const headersOf = ({ id: _, bytes: __, type, ...about }: FileFacts) => ({
  ContentType: type,
  Metadata: { facts: encodeURIComponent(JSON.stringify(about)) },
});

async function head(place: Place, id: string): Promise<FileFacts | undefined> {
  const { client, bucket } = place;
  const found = await client
    .send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: keyOf(place, id) }))
    .catch(missing);
  if (found === undefined) return undefined;
  const about = JSON.parse(decodeURIComponent(found.Metadata?.["facts"] ?? "%7B%7D")) as object;
  const type = found.ContentType ?? "application/octet-stream";
  return { ...about, id, type, bytes: found.ContentLength ?? 0 };
}

async function read(place: Place, id: string, range: ByteRange | undefined) {
  const { client, bucket } = place;
  const found = await client
    .send(
      new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: keyOf(place, id),
        ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end}` }),
      }),
    )
    .catch(missing);
  return found?.Body instanceof Readable ? found.Body : undefined;
}

/** Copying an object onto itself is S3's way to make it new. */
async function touch(place: Place, id: string): Promise<boolean> {
  const facts = isAssetId(id) ? await head(place, id) : undefined;
  if (facts === undefined) return false;
  const { client, bucket } = place;
  const key = keyOf(place, id);
  const copied = await client
    .send(
      new sdk.CopyObjectCommand({
        Bucket: bucket,
        Key: key,
        CopySource: `${bucket}/${encodeURIComponent(key)}`,
        MetadataDirective: "REPLACE",
        ...headersOf(facts),
      }),
    )
    .catch(missing);
  return copied !== undefined;
}

async function remove({ client, bucket }: Place, keys: readonly string[]): Promise<void> {
  const answer = await client.send(
    new sdk.DeleteObjectsCommand({
      Bucket: bucket,
      Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
    }),
  );
  const [refused] = answer.Errors ?? [];
  if (refused !== undefined) throw new Error(`DeleteObjects: ${refused.Code ?? "refused"}`);
}

async function sweep(
  place: Place,
  before: number,
  fresh: ReadonlySet<string>,
  from: string | undefined,
): Promise<{ removed: number; after?: string }> {
  const { client, bucket, prefix } = place;
  let removed = 0;
  let after = from;
  for (let page = 0; page < pagesPerSweep; page += 1) {
    const listed = await client.send(
      new sdk.ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(after === undefined ? {} : { StartAfter: after }),
      }),
    );
    const found = listed.Contents ?? [];
    const old = found.flatMap(({ Key: key = "", LastModified: at }) => {
      const id = key.slice(prefix.length);
      const isOld = at !== undefined && at.getTime() < before;
      return isOld && isAssetId(id) && !fresh.has(id) ? [key] : [];
    });
    if (old.length > 0) await remove(place, old);
    removed += old.length;
    after = found.at(-1)?.Key;
    if (listed.IsTruncated !== true || after === undefined) return { removed };
  }
  return after === undefined ? { removed } : { removed, after };
}

function missing(error: unknown): undefined {
  if (error instanceof sdk.S3ServiceException && error.$metadata.httpStatusCode === 404)
    return undefined;
  throw error;
}
