import type { Conversation, Profile } from "../kit/index.ts";
import type { StateStore, StateWrite } from "../store/store.ts";

/** What the core remembers about conversations, in the store's state under its own scope. */
const scope = "core";
const foreverish = 400 * 24 * 3_600_000;

export interface Acquaintance {
  /** The channel that the conversation came from. */
  readonly channel: string;
  readonly type: Conversation["type"];
  readonly name?: string;
}

/** Where a conversation, as `target` knows it, came from. */
export function acquaintance(
  state: StateStore,
  target: string,
  conversation: string,
  now: number,
): Acquaintance | undefined {
  const kept = state.get(scope, `from:${target}:${conversation}`, now);
  return kept === undefined ? undefined : (JSON.parse(kept) as Acquaintance);
}

export function rememberAcquaintance(
  state: StateStore,
  target: string,
  conversation: string,
  who: Acquaintance,
  now: number,
): readonly StateWrite[] {
  const name = `from:${target}:${conversation}`;
  const value = JSON.stringify(who);
  if (state.get(scope, name, now) === value) return [];
  return [{ scope, name, value, expiresAt: now + foreverish }];
}

/** The time of the last message to a conversation, to keep times strictly increasing. */
export function lastSentAt(state: StateStore, target: string, conversation: string, now: number) {
  return Number(state.get(scope, `at:${target}:${conversation}`, now) ?? 0);
}

export function rememberSentAt(target: string, conversation: string, at: number, now: number) {
  return {
    scope,
    name: `at:${target}:${conversation}`,
    value: `${at}`,
    expiresAt: now + foreverish,
  } satisfies StateWrite;
}

const knownForMs = 24 * 3_600_000;
/** A profile that could not be had is asked for again soon. */
const unknownForMs = 60_000;

export const profileName = (channel: string, conversation: string, user: string) =>
  `profile:${channel}:${conversation}:${user}`;

export function knownProfile(state: StateStore, name: string, now: number): Profile | undefined {
  const kept = state.get(scope, name, now);
  return kept === undefined ? undefined : (JSON.parse(kept) as Profile);
}

export const profileWrite = (name: string, profile: Profile | undefined, now: number) =>
  ({
    scope,
    name,
    value: JSON.stringify(profile ?? {}),
    expiresAt: now + (profile === undefined ? unknownForMs : knownForMs),
  }) satisfies StateWrite;
