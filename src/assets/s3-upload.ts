import { createReadStream } from "node:fs";
import * as sdk from "@aws-sdk/client-s3";
import { counted } from "./collect.ts";

export interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
  readonly Metadata: Record<string, string>;
}

/** S3 takes no smaller part but the last one, and some stores no request that is much larger. */
const partBytes = 5 * 1024 * 1024;

/**
 * Puts the file at `path` under a key, there as a whole or not at all. Large ones go in parts, each streamed from
 * the disk: the SDK's own helper holds parts in memory.
 */
export async function upload(client: sdk.S3Client, to: Upload, path: string, bytes: number) {
  if (bytes > partBytes) return uploadParts(client, to, path, bytes);
  const part = { start: 0, bytes };
  await lent(path, part, (body) => client.send(new sdk.PutObjectCommand({ ...to, ...body })));
}

async function uploadParts(client: sdk.S3Client, to: Upload, path: string, bytes: number) {
  const { Bucket, Key } = to;
  const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(to));
  const started = { Bucket, Key, UploadId };
  try {
    const parts: sdk.CompletedPart[] = [];
    for (let start = 0; start < bytes; start += partBytes) {
      const PartNumber = parts.length + 1;
      const part = { start, bytes: Math.min(partBytes, bytes - start) };
      const { ETag } = await lent(path, part, (body) =>
        client.send(new sdk.UploadPartCommand({ ...started, PartNumber, ...body })),
      );
      parts.push({ PartNumber, ETag });
    }
    const MultipartUpload = { Parts: parts };
    await client.send(new sdk.CompleteMultipartUploadCommand({ ...started, MultipartUpload }));
  } catch (error) {
    // Parts without an end would be paid for. When this fails as well, the bucket's lifecycle rule has to do it.
    await client.send(new sdk.AbortMultipartUploadCommand(started)).catch(() => {});
    throw error;
  }
}

async function lent<T>(
  path: string,
  { start, bytes }: { start: number; bytes: number },
  send: (body: { Body: ReturnType<typeof counted>; ContentLength: number }) => Promise<T>,
): Promise<T> {
  // An empty file has no last byte; `end` below `start` would be refused by the stream.
  const range = bytes === 0 ? {} : { start, end: start + bytes - 1 };
  const body = counted(createReadStream(path, range));
  try {
    return await send({ Body: body, ContentLength: bytes });
  } finally {
    body.destroy();
  }
}
