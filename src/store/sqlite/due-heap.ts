export interface Due {
  /** Milliseconds since 1970. */
  due: number;
}

/** A binary heap: the entry that is due first is on top. */
export class DueHeap<Entry extends Due> {
  readonly #entries: Entry[] = [];

  peek(): Entry | undefined {
    return this.#entries[0];
  }

  push(entry: Entry): void {
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = entries[above];
      if (parent === undefined || parent.due <= entry.due) break;
      entries[at] = parent;
      at = above;
    }
    entries[at] = entry;
  }

  /** Moves all entries by so many milliseconds; their order stays. */
  shift(by: number): void {
    for (const entry of this.#entries) entry.due += by;
  }

  pop(): Entry | undefined {
    const entries = this.#entries;
    const top = entries[0];
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return top;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = entries[below];
      const right = entries[below + 1];
      if (child !== undefined && right !== undefined && right.due < child.due) {
        child = right;
        below += 1;
      }
      if (child === undefined || last.due <= child.due) break;
      entries[at] = child;
      at = below;
    }
    entries[at] = last;
    return top;
  }
}
