import type { Appended, JobKind } from "../store/store.ts";

/** What the flow tells about itself. Ids and counts only: never text, never secrets. */
export interface Observer {
  accepted(channel: string, appended: Appended): void;
  attempted(attempt: {
    readonly channel: string;
    readonly kind: JobKind;
    readonly outcome: string;
    readonly reason?: string;
    /** Which way it went, where the channel has several. */
    readonly via?: string;
    readonly ms: number;
  }): void;
  /** A channel's calls are stopped, or go on again. `reason`: auth, unavailable or quota. */
  paused(channel: string, reason: string, paused: boolean): void;
}
