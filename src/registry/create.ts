import { createContext, Script } from "node:vm";
import { SampanError } from "../kit/index.ts";

/** `create` only puts things together: it takes microseconds. */
const patienceMs = 5000;

const call = new Script("make()");

/**
 * What a plug-in's `create` makes. Throws `plugin.create` naming `file` and the reason when it
 * throws, makes nothing, or does not come to an end.
 */
export function createWith<T>(file: string, create: () => T, timeoutMs = patienceMs): T {
  let made: unknown;
  try {
    // The one way to interrupt code that never gives up the thread.
    call.runInContext(
      createContext({
        make: () => {
          made = create();
        },
      }),
      { timeout: timeoutMs },
    );
  } catch (cause) {
    throw new SampanError("plugin.create", `${file}: ${reasonOf(cause, timeoutMs)}`, { cause });
  }
  if (typeof made !== "object" || made === null || made instanceof Promise) {
    const what = made instanceof Promise ? "a promise" : "nothing";
    throw new SampanError("plugin.create", `${file}: create() made ${what}`, {
      hint: "create returns the channel, or the functions, at once; I/O belongs into their methods",
    });
  }
  return made as T;
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  // An interruption is an Error of the script's own realm: `instanceof` does not know it.
  const { code, message } = Object(cause) as Partial<NodeJS.ErrnoException>;
  if (code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return `create() did not end within ${timeoutMs} ms`;
  return message ?? String(cause);
}
