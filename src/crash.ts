import { SampanError } from "./kit/index.ts";
import type { Log } from "./log.ts";

/**
 * What of an error may be shown whatever it is about. Messages of our own errors hold no text of a person, by
 * contract. Anybody else's may quote what they stumbled over, as `JSON.parse` does, and so may their fields
 * and causes: of those only the name, the code and the places remain.
 */
export function describeCrash(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof Error)) return { name: typeof error, message: "thrown without an Error" };
  const { name, stack = "" } = error;
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const places = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return {
    name,
    ...code,
    message: error instanceof SampanError ? error.message : "withheld: it may quote a person",
    stack: places.map((line) => line.trim()).join("\n"),
  };
}

/**
 * Ends the process at the first error that nobody caught, with one line. All that was acknowledged is on disk, and
 * nothing else can be trusted: Node's own way would print the error with its fields and the line of code.
 */
export function endOnCrash(log: Log, end: (code: number) => void = process.exit): () => void {
  // Node makes unhandled rejections into this one, too.
  const listener = (error: unknown) => {
    log.error("crashed", { crash: describeCrash(error) });
    end(1);
  };
  process.on("uncaughtException", listener);
  return () => void process.off("uncaughtException", listener);
}
