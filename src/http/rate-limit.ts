/** So many names are remembered; beyond, the one that was used longest ago is forgotten. */
const mostNames = 1000;

interface Bucket {
  left: number;
  at: number;
}

/** Token buckets by name: `perMinute` at once, refilled evenly. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** `clock`: milliseconds that only go forward. */
  constructor(perMinute: number, clock: () => number) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Seconds until one more is allowed; 0: now. Takes nothing. */
  wait(name: string): number {
    const { left } = this.#bucket(name);
    return left >= 1 ? 0 : Math.ceil(((1 - left) * 60) / this.#perMinute);
  }

  take(name: string): void {
    const bucket = this.#bucket(name);
    bucket.left = Math.max(0, bucket.left - 1);
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > mostNames && oldest !== undefined) this.#buckets.delete(oldest);
  }

  #bucket(name: string): Bucket {
    const at = this.#clock();
    const known = this.#buckets.get(name);
    if (known === undefined) return { left: this.#perMinute, at };
    const refilled = known.left + ((at - known.at) * this.#perMinute) / 60_000;
    return { left: Math.min(this.#perMinute, refilled), at };
  }
}
