import { groupOf, type Room } from "../store.ts";
import { type Due, DueHeap } from "./due-heap.ts";
import { Turns } from "./turns.ts";

/** A clock that goes back by less than this is no matter. */
const clockStepMs = 1000;

interface Lane {
  readonly name: string;
  readonly group: string;
  /** Sorted. The first `from` are gone: shifting a long array would cost its length. */
  ids: number[];
  from: number;
  claimed: number | undefined;
  /** Set while the lane waits for its head. Older entries in the heap are void. */
  delay: Delay | undefined;
}

interface Delay extends Due {
  readonly lane: Lane;
}

/**
 * Which jobs are ready, by lane. Holds only ids: the rows stay in the file.
 * A claimed lane is simply not among the idle ones, so order needs no lock.
 */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  /**
   * Idle lanes whose head may start, by group. Every lane has its turn, and every group: one that was
   * served goes to the end of the map. A closed group costs one look, however many lanes wait in it.
   */
  readonly #idle = new Map<string, Turns<Lane>>();
  readonly #delayed = new DueHeap<Delay>();
  /** Only of jobs that wait for a retry. */
  readonly #dues = new Map<number, number>();
  readonly #claimed = new Map<number, Lane>();
  /** The time of the last claim. */
  #last = -Infinity;

  /** Whether a claim would find something without waiting for a time, if all groups have room. */
  get ready(): boolean {
    return this.#idle.size > 0;
  }

  /** Adds a ready job; one that is known already stays as it is. `due`: only when it has to wait. */
  add(name: string, id: number, due?: number): void {
    const lane = this.#lane(name);
    if (lane.claimed === id) return;
    const { ids } = lane;
    const empty = lane.from === ids.length;
    if (empty || id > (ids.at(-1) ?? 0)) ids.push(id);
    else {
      const at = position(ids, lane.from, id);
      if (ids[at] === id) return;
      ids.splice(at, 0, id);
    }
    if (due !== undefined) this.#dues.set(id, due);
    if (ids[lane.from] === id) this.#place(lane);
  }

  /** At start: all of one lane at once. */
  fill(name: string, ids: number[], dues: ReadonlyMap<number, number>): void {
    const lane = this.#lane(name);
    lane.ids = ids;
    for (const [id, due] of dues) this.#dues.set(id, due);
    this.#place(lane);
  }

  /**
   * What `load` makes of the heads of up to `limit` lanes, taken from the groups in turn, of each as
   * many as it has room for. Where `load` gives nothing or throws it has released the lane.
   */
  claim<T>(
    limit: number,
    now: number,
    load: (id: number) => T | undefined,
    room: Room = () => Infinity,
  ): T[] {
    this.#follow(now);
    this.#wake(now);
    const loaded: T[] = [];
    let fault: { readonly error: unknown } | undefined;
    let open = [...this.#idle.keys()].map((group) => ({ group, room: room(group) }));
    while (open.length > 0 && loaded.length < limit) {
      open = open.filter((turn) => {
        if (turn.room < 1 || loaded.length >= limit) return false;
        const id = this.#takeFrom(turn.group);
        if (id === undefined) return false;
        try {
          const job = load(id);
          if (job === undefined) return true;
          loaded.push(job);
          turn.room -= 1;
        } catch (error) {
          fault = { error };
        }
        return true;
      });
    }
    // What could be loaded is claimed and must be known to the caller.
    if (fault !== undefined && loaded.length === 0) throw fault.error;
    return loaded;
  }

  /** Frees the lane. `due`: the job stays in it and waits until then. */
  release(id: number, due?: number): void {
    const lane = this.#claimed.get(id);
    if (lane === undefined) return;
    this.#claimed.delete(id);
    lane.claimed = undefined;
    if (due !== undefined) this.add(lane.name, id, due);
    this.#place(lane);
  }

  nextDue(): number | undefined {
    return this.#nextDelay()?.due;
  }

  /** The lowest id that is ready or claimed. */
  oldest(): number | undefined {
    let oldest: number | undefined;
    for (const { ids, from, claimed } of this.#lanes.values()) {
      const id = Math.min(ids[from] ?? Number.MAX_SAFE_INTEGER, claimed ?? Number.MAX_SAFE_INTEGER);
      if (oldest === undefined || id < oldest) oldest = id;
    }
    return oldest;
  }

  // A clock that was ahead and is set right must not keep a retry waiting: pauses stay as long as they were.
  #follow(now: number): void {
    const back = this.#last - now;
    this.#last = now;
    if (back < clockStepMs || back === Infinity) return;
    this.#delayed.shift(-back);
    for (const [id, due] of this.#dues) this.#dues.set(id, due - back);
  }

  // Lanes whose head has waited long enough.
  #wake(now: number): void {
    for (
      let top = this.#nextDelay();
      top !== undefined && top.due <= now;
      top = this.#nextDelay()
    ) {
      this.#delayed.pop();
      top.lane.delay = undefined;
      this.#rest(top.lane);
    }
  }

  #takeFrom(group: string): number | undefined {
    const lanes = this.#idle.get(group);
    const lane = lanes?.take();
    this.#idle.delete(group);
    if (lanes === undefined || lane === undefined) return undefined;
    if (lanes.size > 0) this.#idle.set(group, lanes);
    const id = shift(lane);
    if (id === undefined) return undefined;
    lane.claimed = id;
    this.#dues.delete(id);
    this.#claimed.set(id, lane);
    return id;
  }

  #rest(lane: Lane): void {
    const lanes = this.#idle.get(lane.group) ?? new Turns<Lane>();
    lanes.join(lane);
    this.#idle.set(lane.group, lanes);
  }

  #rouse(lane: Lane): void {
    const lanes = this.#idle.get(lane.group);
    lanes?.leave(lane);
    if (lanes?.size === 0) this.#idle.delete(lane.group);
  }

  #lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { name, group: groupOf(name), ids: [], from: 0, claimed: undefined, delay: undefined };
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  #nextDelay(): Delay | undefined {
    let top = this.#delayed.peek();
    while (top !== undefined && top.lane.delay !== top) {
      this.#delayed.pop();
      top = this.#delayed.peek();
    }
    return top;
  }

  // Puts the lane where its head belongs: idle, delayed, or nowhere when it is claimed or empty.
  #place(lane: Lane): void {
    lane.delay = undefined;
    if (lane.claimed !== undefined) return;
    const head = lane.ids[lane.from];
    if (head === undefined) {
      this.#rouse(lane);
      this.#lanes.delete(lane.name);
      return;
    }
    const due = this.#dues.get(head);
    if (due === undefined) {
      this.#rest(lane);
      return;
    }
    this.#rouse(lane);
    lane.delay = { due, lane };
    this.#delayed.push(lane.delay);
  }
}

function shift(lane: Lane): number | undefined {
  const id = lane.ids[lane.from];
  lane.from += 1;
  if (lane.from >= lane.ids.length) {
    lane.ids = [];
    lane.from = 0;
  } else if (lane.from >= 1024 && lane.from * 2 >= lane.ids.length) {
    lane.ids = lane.ids.slice(lane.from);
    lane.from = 0;
  }
  return id;
}

/** Where `id` is, or belongs, in the sorted `ids` from `low` on. */
function position(ids: readonly number[], low: number, id: number): number {
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
