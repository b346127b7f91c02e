import type { StateStore } from "../store/store.ts";
import type { FileFacts } from "./storage.ts";

/** What became of a reference that stands for the same file for everybody. */
export type Recalled =
  | "unavailable"
  /** `at`: when the file was last made to stay, milliseconds since 1970. */
  | { readonly facts: FileFacts; readonly at: number };

const scope = "core/refs";
const unavailableForMs = 3_600_000;

/**
 * Remembers references whose file is the same for everybody, such as a picture out of a catalogue, and those
 * that could not be had: neither is asked for with each message.
 */
export class Recall {
  readonly #state: StateStore;
  readonly #now: () => number;
  readonly #ttlMs: number;

  constructor(state: StateStore, now: () => number, ttlMs: number) {
    this.#state = state;
    this.#now = now;
    this.#ttlMs = ttlMs;
  }

  find(channel: string, ref: string): Recalled | undefined {
    const kept = this.#state.get(scope, nameOf(channel, ref), this.#now());
    return kept === undefined ? undefined : (JSON.parse(kept) as Recalled);
  }

  async remember(channel: string, ref: string, what: Recalled): Promise<void> {
    const lifeMs = what === "unavailable" ? unavailableForMs : this.#ttlMs;
    const value = JSON.stringify(what);
    const expiresAt = this.#now() + lifeMs;
    await this.#state.write([{ scope, name: nameOf(channel, ref), value, expiresAt }]);
  }
}

const nameOf = (...parts: readonly string[]) => parts.map(encodeURIComponent).join("/");
