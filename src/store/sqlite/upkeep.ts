import type { Retention } from "../store.ts";
import { Patrol } from "./audit.ts";
import type { Connection } from "./connection.ts";
import type { Counts } from "./counts.ts";
import { BodyPurge, type Cursor, fromTheStart, Purge } from "./purge.ts";
import type { Totals } from "./totals.ts";

/** Free pages up to this share of the file stay for reuse; what is above goes back to the disk. */
const keptFree = 0.25;
const shrinkStep = 256;

/** What keeps the file honest and small: the audit's running part, retention, shrinking. */
export class Upkeep {
  readonly #connection: Connection;
  readonly #counts: Counts;
  readonly #totals: Totals;
  readonly #patrol: Patrol;
  readonly #purge: Purge;
  readonly #bodies: BodyPurge;
  /** What was settled before this place has no body left to remove. */
  #emptied: Cursor = fromTheStart;

  constructor(connection: Connection, counts: Counts, totals: Totals) {
    this.#connection = connection;
    this.#counts = counts;
    this.#totals = totals;
    this.#patrol = new Patrol(connection.database);
    this.#purge = new Purge(connection.database, totals);
    this.#bodies = new BodyPurge(connection.database);
  }

  unaccounted(): number {
    const rows = this.#counts
      .list()
      .filter(({ kind }) => kind === "event")
      .reduce((sum, { count }) => sum + count, 0);
    return Math.abs(this.#totals.due() - rows) + this.#patrol.walk();
  }

  /** In small steps, between which others commit. */
  async purge(retention: Retention, now: number): Promise<number> {
    const { bodiesBefore, settledBefore, keysBefore, decisionsBefore } = retention;
    let removed = 0;
    for (let at: Cursor | undefined = fromTheStart; at !== undefined; ) {
      const cursor: Cursor = at;
      const step = await this.#write(
        () => this.#purge.jobs(cursor, retention),
        ({ gone }) => {
          for (const { kind, status } of gone) this.#counts.change(kind, status, -1);
        },
      );
      removed += step.gone.length;
      at = step.next;
    }
    if (bodiesBefore !== undefined && bodiesBefore > settledBefore) {
      await this.#empty(bodiesBefore);
    }
    while ((await this.#write(() => this.#purge.keys(keysBefore))) > 0);
    await this.#write(() => {
      this.#totals.fold(now);
      if (decisionsBefore !== undefined) this.#purge.decisions(decisionsBefore);
    });
    await this.#shrink();
    return removed;
  }

  async #empty(before: number): Promise<void> {
    for (let at: Cursor | undefined = this.#emptied; at !== undefined; ) {
      const cursor: Cursor = at;
      this.#emptied = cursor;
      at = await this.#write(() => this.#bodies.bodies(cursor, before));
    }
  }

  async #shrink(): Promise<void> {
    const { database } = this.#connection;
    const pragma = (name: string) =>
      this.#connection.read(() => Number(database.pragma(name, { simple: true })));
    const spare = () => pragma("freelist_count") - keptFree * pragma("page_count");
    if (pragma("auto_vacuum") !== 2) return;
    for (let left = spare(), before = Infinity; left > 0 && left < before; ) {
      await this.#write(() => database.pragma(`incremental_vacuum(${shrinkStep})`));
      before = left;
      left = spare();
    }
  }

  #write<T>(run: () => T, done?: (result: T) => void): Promise<T> {
    return this.#connection.write(run, done);
  }
}
