import type { Diagnostic } from "../kit/index.ts";

/** gateway.yaml, checked, with all defaults. Frozen. Paths are absolute. */
export interface Config {
  readonly file: string;
  /** The folder of gateway.yaml: what its paths are relative to. */
  readonly folder: string;
  readonly server: {
    readonly port: number;
    readonly host: string;
    /** Without a slash at its end. */
    readonly publicUrl: string;
    /** Bytes. */
    readonly bodyLimit: number;
  };
  /** The store's file. */
  readonly store: string;
  readonly plugins: PluginSources;
  /** Options of the mapper plug-ins that have any. */
  readonly mappers: Readonly<Record<string, unknown>>;
  readonly channels: Readonly<Record<string, ChannelConfig>>;
  readonly routes: readonly { readonly connect: readonly [string, string] }[];
  readonly assets: AssetConfig;
  readonly log: { readonly level: LogLevel };
  readonly delivery: {
    /** Jobs worked on at once. */
    readonly concurrency: number;
    readonly giveUpAfterMs: number;
    /** The longest wait between two attempts. */
    readonly longestPauseMs: number;
  };
  /** Every secret text in here, for the log to hide. */
  readonly secrets: readonly string[];
}

export interface AssetConfig {
  /** Where files lie, or with `s3` only while they come in. */
  readonly folder: string;
  readonly retentionDays: number;
  readonly maxBytes: number;
  readonly s3?: {
    readonly bucket: string;
    readonly region: string;
    readonly endpoint?: string;
    readonly prefix: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly pathStyle: boolean;
  };
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface PluginSources {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
}

export interface ChannelConfig {
  readonly use: string;
  /** The plug-in's options, checked against its schema, defaults applied. Holds secrets. */
  readonly with: Readonly<Record<string, unknown>>;
  /** `with` without its secrets: what rules may see. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Mapping files, first match wins. */
  readonly mapping: readonly string[];
}

/** A configuration, or why there is none. `config` is absent exactly when an error is among the diagnostics. */
export interface Checked {
  readonly config?: Config;
  readonly diagnostics: readonly Diagnostic[];
}
