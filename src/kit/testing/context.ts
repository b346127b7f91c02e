import type { ChannelContext, Fetch, Logger, State } from "../channel.ts";

export interface LogEntry {
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields?: object;
}

export interface TestContext extends ChannelContext {
  /** All that was logged, oldest first. */
  readonly logs: readonly LogEntry[];
  /** Moves the clock. It stands still otherwise. */
  advance(ms: number): void;
}

export interface TestContextOptions {
  /** `test` unless given. */
  readonly id?: string;
  /** Where the clock starts, milliseconds since 1970. 2026-01-01 unless given. */
  readonly now?: number;
  /** Fails on any call unless given. */
  readonly fetch?: Fetch;
  readonly state?: State;
}

/** A context without a gateway: state in memory, a clock that stands still, a log to look at. */
export function testContext(options: TestContextOptions = {}): TestContext {
  let time = options.now ?? Date.UTC(2026, 0, 1);
  const now = () => time;
  const logs: LogEntry[] = [];
  return {
    id: options.id ?? "test",
    log: capturingLog(logs),
    fetch: options.fetch ?? noNetwork,
    state: options.state ?? memoryState(now),
    now,
    logs,
    advance(ms) {
      time += ms;
    },
  };
}

const noNetwork: Fetch = async (url) => {
  throw new Error(`testContext was given no fetch, and ${new URL(url).host} was called`);
};

function capturingLog(logs: LogEntry[]): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: object) => {
    logs.push(fields === undefined ? { level, message } : { level, message, fields });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** State that lasts as long as the test, with the lifetimes of the real one. */
export function memoryState(now: () => number): State {
  const entries = new Map<string, { value: string; until: number }>();
  const read = (name: string) => {
    const entry = entries.get(name);
    return entry !== undefined && entry.until > now() ? entry.value : undefined;
  };
  return {
    get: async (name) => read(name),
    async set(name, value, { ttlMs } = {}) {
      entries.set(name, { value, until: ttlMs === undefined ? Infinity : now() + ttlMs });
    },
    async delete(name) {
      entries.delete(name);
    },
    async take(name) {
      const value = read(name);
      entries.delete(name);
      return value;
    },
  };
}
