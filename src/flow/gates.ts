import type { JobKind } from "../store/store.ts";
import { Gate, type GateParts } from "./gate.ts";
import { readGroup } from "./jobs.ts";
import { defaultPolicy } from "./policy.ts";

type Common = Pick<GateParts, "observer" | "log" | "now">;

/** Every channel's gate. */
export class Gates {
  readonly #gates = new Map<string, Gate>();
  readonly #common: Common;

  /** `common`: for jobs of channels that are not configured any more. */
  constructor(gates: readonly (readonly [id: string, gate: Gate])[], common: Common) {
    for (const [id, gate] of gates) this.#gates.set(id, gate);
    this.#common = common;
  }

  of(channel: string): Gate {
    let gate = this.#gates.get(channel);
    if (gate === undefined) {
      const unknown = { id: channel, limits: {}, policy: defaultPolicy, hasCheck: () => false };
      gate = new Gate({ ...this.#common, ...unknown });
      this.#gates.set(channel, gate);
    }
    return gate;
  }

  /** How many jobs of these kinds may be claimed from a group. */
  room(group: string, wanted: readonly JobKind[]): number {
    const { kind, channel } = readGroup(group);
    return wanted.includes(kind) ? this.of(channel).room(kind) : 0;
  }

  /** Whether an attempt is under way anywhere. */
  get areBusy(): boolean {
    return [...this.#gates.values()].some(({ isBusy }) => isBusy);
  }

  /** When one may open by itself, milliseconds since 1970. */
  get opensAt(): number | undefined {
    const times = [...this.#gates.values()].flatMap(({ opensAt }) => opensAt ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The channels whose `check` is the probe that is due now. */
  dueChecks(): readonly string[] {
    return [...this.#gates].flatMap(([id, gate]) => (gate.wantsCheck() ? [id] : []));
  }
}
