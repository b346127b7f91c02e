import type { WebhookCall } from "./channel.ts";
import type { ScriptedAnswer, ScriptedRequest } from "./testing/scripted-fetch.ts";

/** How `sampan test` plays the platform of a channel plug-in. Pure, and without anybody's secrets. */
export interface ChannelTesting {
  /** As under `with:`, of an account that does not exist. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * A webhook call as the platform makes it. What `body` says is kept, what it lacks is filled in; then it
   * is signed with `facts.config`. A text is taken as the raw body.
   */
  call?(body: unknown, facts: CallFacts): WebhookCall;
  /** What the platform answers where a test says nothing. 200 with `{}` unless given. */
  answer?(request: ScriptedRequest): PlatformAnswer | undefined;
}

export interface CallFacts {
  /** As under `with:`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Which call of the test this is, from 1: for ids that are fixed and never the same. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface PlatformAnswer extends ScriptedAnswer {
  /** The call is none that a test should list: a login, a question about the account. */
  readonly lookup?: boolean;
}
