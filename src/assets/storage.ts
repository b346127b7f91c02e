import type { Readable } from "node:stream";

/** What is kept beside the bytes of the file `id`. It outlives restarts without a database. */
export interface FileFacts {
  readonly id: string;
  /** MIME type, served as Content-Type. */
  readonly type: string;
  readonly bytes: number;
  /** Of the last one that was kept with this content. */
  readonly name?: string;
  readonly width?: number;
  readonly height?: number;
}

/** A file of ours. */
export interface KeptAsset {
  readonly id: string;
  readonly bytes: number;
  /** MIME type without parameters: exactly what its Content-Type will be. */
  readonly type: string;
  /** As it was given, cleaned. The URL ends with one whose extension fits the type. */
  readonly name?: string;
  readonly url: string;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Where files lie, named by their content. Times are milliseconds since 1970. Everything throws
 * `SampanError` `asset.storage` when the place cannot be reached or is full.
 */
export interface AssetStorage {
  /** Takes the file at `path`, which is gone afterwards. When it resolves the file survives a power cut. */
  put(path: string, facts: FileFacts): Promise<void>;
  /** `undefined` when there is no such file, or no more. */
  facts(id: string): Promise<FileFacts | undefined>;
  /** Its bytes, whole or in part. Whoever takes the stream must read or destroy it. */
  read(id: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Lends the file as a path on this machine for as long as `use` runs. `undefined`: not there. */
  lend<T>(id: string, use: (path: string) => Promise<T>): Promise<T | undefined>;
  /** Counts its age from now again. False: not there. */
  touch(id: string): Promise<boolean>;
  /** False: it was not there. */
  remove(id: string): Promise<boolean>;
  /** Removes what was last put or touched before `before`; gives how many. A very large store takes several calls. */
  sweep(before: number): Promise<number>;
}
