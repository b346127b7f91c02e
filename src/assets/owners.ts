import type { StateStore, StateWrite } from "../store/store.ts";

/** Whose file it is: which message brought it, and who took part in that conversation. */
export interface Owner {
  readonly channel: string;
  /** The platform's id of the message, as its later events name it. */
  readonly message: string;
  readonly people: readonly Person[];
}

/** Somebody, or a group, as one channel knows them. */
export interface Person {
  readonly channel: string;
  readonly id: string;
}

/** One message's claim to one file. */
export interface Claim {
  readonly asset: string;
  readonly channel: string;
  readonly message: string;
  readonly people: readonly Person[];
}

/** No channel can have this name. */
const scope = "core/assets";

/**
 * Which file belongs to which messages and people. Three entries of the store's state for each claim,
 * one for each question that is asked: they go by themselves when the file is too old to be there.
 */
export class Owners {
  readonly #state: StateStore;
  readonly #now: () => number;
  readonly #ttlMs: number;

  constructor(state: StateStore, now: () => number, ttlMs: number) {
    this.#state = state;
    this.#now = now;
    this.#ttlMs = ttlMs;
  }

  /** Durable when it resolves: before the file is there, so that no file is ever without its owner. */
  async add(asset: string, owner: Owner): Promise<void> {
    const expiresAt = this.#now() + this.#ttlMs;
    const value = JSON.stringify(owner.people);
    const names = namesOf({ ...owner, asset });
    await this.#state.write(names.map((name) => ({ scope, name, value, expiresAt })));
  }

  ofMessage(channel: string, message: string): readonly Claim[] {
    return this.#list(["message", channel, message], ([, , , asset = ""], people) => ({
      asset,
      channel,
      message,
      people,
    }));
  }

  ofPerson({ channel, id }: Person): readonly Claim[] {
    return this.#list(
      ["person", channel, id],
      ([, , , from = "", message = "", asset = ""], all) => ({
        asset,
        channel: from,
        message,
        people: all,
      }),
    );
  }

  /** True when no message claims the file. */
  isFree(asset: string): boolean {
    return this.#state.list(scope, nameOf("file", asset, ""), this.#now()).length === 0;
  }

  async release(claims: readonly Claim[]): Promise<void> {
    const names = claims.flatMap(namesOf);
    if (names.length > 0) await this.#state.write(names.map((name) => ({ scope, name })));
  }

  /** Remembers that the message was taken back, in case that it is worked on (again) later. */
  async takeBack(channel: string, message: string): Promise<void> {
    const write: StateWrite = {
      scope,
      name: nameOf("gone", channel, message),
      value: "",
      expiresAt: this.#now() + this.#ttlMs,
    };
    await this.#state.write([write]);
  }

  isTakenBack({ channel, message }: Owner): boolean {
    return this.#state.get(scope, nameOf("gone", channel, message), this.#now()) !== undefined;
  }

  #list(
    start: readonly string[],
    claim: (parts: readonly string[], people: readonly Person[]) => Claim,
  ): readonly Claim[] {
    return this.#state
      .list(scope, nameOf(...start, ""), this.#now())
      .map(({ name, value }) =>
        claim(name.split("/").map(decodeURIComponent), JSON.parse(value) as Person[]),
      );
  }
}

function namesOf({ asset, channel, message, people }: Claim): readonly string[] {
  return [
    nameOf("message", channel, message, asset),
    nameOf("file", asset, channel, message),
    ...people.map((one) => nameOf("person", one.channel, one.id, channel, message, asset)),
  ];
}

// Ids are the platforms': whatever they hold, a slash between parts stays the only one.
const nameOf = (...parts: readonly string[]) => parts.map(encodeURIComponent).join("/");
