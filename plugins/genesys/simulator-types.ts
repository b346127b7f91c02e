export interface SimulatorSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly integrationId: string;
  readonly webhookSecret: string;
  /** Where webhooks go, whole: `http://127.0.0.1:8080/webhooks/genesys`. May be set later. */
  readonly gatewayUrl?: string;
  /** Any free one unless given. */
  readonly port?: number;
  /** `expires_in` of new tokens, seconds. 3600 unless given. */
  readonly tokenLife?: number;
  /** Asked at each call when `faults` has none for it: trouble by chance. */
  readonly trouble?: (path: string) => Fault | undefined;
}

/** A message or a tapped button, as the agent sees it. */
export interface Seen {
  readonly endpoint: "message" | "structured/response";
  /** `channel.from.id`. */
  readonly conversation: string;
  readonly messageId: string;
  readonly body: SeenBody;
}
export interface SeenBody {
  readonly channel: { readonly from: { readonly id: string; readonly nickname?: string } };
  readonly text?: string;
  readonly content?: readonly {
    readonly attachment: { readonly url: string; readonly mime: string };
  }[];
  readonly originatingMessageId?: string;
  readonly buttonResponse?: {
    readonly type: string;
    readonly text: string;
    readonly payload: string;
  };
}

export interface SeenReceipt {
  readonly id: string;
  readonly status: string;
  readonly to: string;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}

/** What goes wrong with the next call whose path contains `path`. */
export interface Fault {
  readonly path: string;
  /** Answer so, without effect. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Take effect, then cut the connection, or never answer: the caller cannot know. */
  readonly cut?: boolean | "hang";
  /** How often. Once unless given. */
  readonly times?: number;
}

export interface GenesysSimulator {
  /** For both `loginUrl` and `apiUrl`. */
  readonly url: string;
  gatewayUrl: string | undefined;
  readonly ledger: readonly Seen[];
  readonly receipts: readonly SeenReceipt[];
  readonly violations: readonly string[];
  readonly logins: number;
  readonly faults: Fault[];
  /** What the agent sees of one conversation, in order. */
  seen(conversation: string): readonly Seen[];
  /** Posts one signed webhook to the gateway. `parts` are `text`, `content`, `type` … Gives id and HTTP status. */
  send(to: string, parts: object): Promise<{ readonly id: string; readonly status: number }>;
  /** An agent writes `text`. */
  say(to: string, text: string): Promise<{ readonly id: string; readonly status: number }>;
  /** A file as an agent attached it: gives its URL. */
  addDownload(bytes: Uint8Array, type: string, options?: DownloadOptions): string;
  /** As after an idle timeout: every token is dead. */
  revokeTokens(): void;
  /** `X-Hub-Signature-256` of a body. */
  sign(body: string): string;
  close(): Promise<void>;
}

export interface DownloadOptions {
  readonly name?: string;
  /** Answered 401 without a bearer token. */
  readonly needsToken?: boolean;
  /** Answered 302 to there. */
  readonly redirect?: string;
}
