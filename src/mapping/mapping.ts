import type {
  ChannelPlugin,
  Content,
  Conversation,
  Diagnostic,
  Kind,
  Message,
  RuleFunction,
  Sender,
} from "../kit/index.ts";
import { Engine } from "../template/cel.ts";
import type { Probe } from "../template/probe.ts";
import type { SourceFile } from "../template/source.ts";
import { type Loaded, Loader } from "./loader.ts";
import { Running } from "./running.ts";

export type { SourceFile } from "../template/source.ts";

/** What a channel's mapping is made from. */
export interface MappingRequest {
  /** The channel's id: its key under `channels:`. */
  readonly channel: string;
  readonly plugin: ChannelPlugin;
  /** What rules see as `channel.options`; no secrets. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Mapping files in layers: the first rule that matches wins. */
  readonly files: readonly SourceFile[];
  /** Layout files, for `template` messages. */
  readonly layouts: readonly SourceFile[];
  /** What mapper plug-ins bring. */
  readonly functions: readonly {
    readonly plugin: string;
    readonly functions: readonly RuleFunction[];
  }[];
  /** Watches the rules at work, for explaining and for coverage. Rules without one run at full speed. */
  readonly probe?: Probe;
}

export interface LoadedMapping {
  /** Absent when there is any error among the findings. */
  readonly mapping?: Mapping;
  /** All findings of all files at once. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface Mapped<T> {
  /** The rule that took it (`layout:<name>` for a layout); undefined when none did. */
  readonly rule: string | undefined;
  /** What it made; empty when the rule dropped it. */
  readonly out: readonly T[];
}

/** A native event with its circumstances. */
export interface ReceiveInput {
  readonly kind: string;
  readonly event: unknown;
  readonly profile: object;
  readonly from: Sender;
  readonly conversation: Conversation;
  /** ISO 8601. */
  readonly now: string;
}

export interface SendInput {
  readonly message: Message;
  /** ISO 8601. */
  readonly now: string;
}

/** One channel's rules, compiled. Pure: the same input gives the same output. Throws only `SampanError`. */
export interface Mapping {
  /** Native event → canonical contents, each checked against its kind. Throws `rule.*`. */
  receive(input: ReceiveInput): Mapped<Content>;
  /** Canonical message → native payloads, unchecked; see {@link Mapping.checkSend}. Throws `rule.*`. */
  send(input: SendInput): Mapped<unknown>;
  /**
   * Runs `work`, which calls `receive` or `send`, again and again until the async functions that rules call have
   * answered. Outside of it such a call throws `rule.async`. Throws what `work` throws, and `rule.too-many-calls`.
   */
  answered<T>(work: () => T): Promise<T>;
  /** Whether some send rule is for this kind. */
  sends(kind: Kind): boolean;
  hasLayout(name: string): boolean;
  /** Says by its path what of a payload does not fit the plug-in's `sends`. */
  checkSend(payload: unknown): string | undefined;
}

/** Reads and checks a channel's mapping files and layouts. Throws only `mapper.signature`, a plug-in's fault. */
export function loadMapping(request: MappingRequest): LoadedMapping {
  const engine = new Engine(request.functions);
  const loader = new Loader(request.plugin, engine, request.probe);
  const loaded: Loaded = loader.load(request.files, request.layouts);
  const { diagnostics } = loader;
  if (diagnostics.some(({ severity }) => severity === "error")) return { diagnostics };
  const channel = { id: request.channel, options: request.options };
  return { mapping: new Running(loaded, engine, channel, request.plugin), diagnostics };
}
