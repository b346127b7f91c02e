import type { Diagnostic } from "../kit/index.ts";
import type { Rate } from "../kit/rate.ts";

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
  readonly store: {
    readonly file: string;
    /** With fewer bytes free on its disk nothing is taken in. */
    readonly minFree: number;
    readonly retention: {
      readonly settledMs: number;
      /** Never longer than `settledMs`. */
      readonly bodiesMs: number;
      readonly keysMs: number;
    };
  };
  readonly plugins: PluginSources;
  /** Options of the mapper plug-ins that have any. */
  readonly mappers: Readonly<Record<string, unknown>>;
  readonly channels: Readonly<Record<string, ChannelConfig>>;
  readonly routes: readonly { readonly connect: readonly [string, string] }[];
  readonly rules: {
    /** Changed files are loaded while the gateway runs. */
    readonly reload: boolean;
    readonly pollMs: number;
  };
  readonly assets: AssetConfig;
  /** Who may use /admin, by name. Without any it is not there. */
  readonly admin: {
    readonly tokens: Readonly<Record<string, string>>;
    readonly callsPerMinute: number;
  };
  readonly log: { readonly level: LogLevel };
  readonly delivery: {
    /** Jobs worked on at once, for each channel and kind of job. */
    readonly concurrency: number;
    readonly giveUpAfterMs: number;
    /** The longest wait between two attempts. */
    readonly longestPauseMs: number;
    /** An attempt that takes longer is cut off. */
    readonly attemptMs: number;
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
  readonly delivery: ChannelDelivery;
}

/** How one channel's deliveries are treated. */
export interface ChannelDelivery {
  readonly concurrency: number;
  readonly giveUpAfterMs: number;
  readonly lanes: { readonly poison: "set-aside" | "stop"; readonly after: number };
  readonly held: "hold" | "resend" | "assume-sent";
  readonly quota: { readonly spent: "hold" | "fail"; readonly probeMs: number };
  /** In place of the plug-in's, by class of endpoints. `undefined`: none. */
  readonly limits: Readonly<Record<string, Rate | undefined>>;
}

/** What the rules are read by. */
export type RulesConfig = Pick<Config, "file" | "channels" | "mappers">;

/** A configuration, or why there is none. `config` is absent exactly when an error is among the diagnostics. */
export interface Checked {
  readonly config?: Config;
  /** Also where there is no configuration: enough to look for the faults of the rules. Absent where mappers are faulty. */
  readonly rules?: RulesConfig;
  readonly diagnostics: readonly Diagnostic[];
}
