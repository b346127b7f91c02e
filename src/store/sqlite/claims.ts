import type { Job, Room } from "../store.ts";
import { unclaimedError } from "./errors.ts";
import type { Lanes } from "./lanes.ts";

/** A row that could not be read is tried again after this. */
const rereadMs = 1000;

/** What is being worked on: rows of the file whose lane is closed until they are settled. */
export class Claims {
  readonly #lanes: Lanes;
  readonly #read: (id: number) => Job | undefined;
  /** The highest id that the file had when it was opened. */
  readonly #inherited: number;
  /** Without those whose settle is under way. */
  readonly #working = new Map<number, Job>();

  constructor(lanes: Lanes, read: (id: number) => Job | undefined, inherited: number) {
    this.#lanes = lanes;
    this.#read = read;
    this.#inherited = inherited;
  }

  claim(limit: number, now: number, room?: Room): readonly Job[] {
    return this.#lanes.claim(limit, now, (id) => this.#load(id, now), room);
  }

  has(id: number): boolean {
    return this.#working.has(id);
  }

  /** For its settling. @throws {SampanError} `store.unclaimed` */
  take(id: number): Job {
    const job = this.#working.get(id);
    if (job === undefined) throw unclaimedError(id);
    this.#working.delete(id);
    return job;
  }

  /** It could not be settled: somebody settles it again. */
  putBack(job: Job): void {
    this.#working.set(job.id, job);
  }

  // Of a claimed lane. An admin process may have changed the row meanwhile: then the lane goes on.
  #load(id: number, now: number): Job | undefined {
    let job: Job | undefined;
    try {
      job = this.#read(id);
    } catch (error) {
      this.#lanes.release(id, now + rereadMs);
      throw error;
    }
    if (job?.status === "ready") {
      const known = this.#asTried(job);
      this.#working.set(id, known);
      return known;
    }
    this.#lanes.release(id);
    return undefined;
  }

  // Attempts are counted when they end. One that the last process did not live to end counts as well, and
  // who can say which jobs had one: it is taken for granted of all that it left.
  #asTried(job: Job): Job {
    return job.id <= this.#inherited && job.attempts === 0 ? { ...job, attempts: 1 } : job;
  }
}
