import type { Gateway } from "../gateway.ts";
import { SampanError } from "../kit/index.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface StartOptions {
  readonly config: string;
}

/**
 * `sampan start`: runs the gateway until SIGTERM or SIGINT, then lets work under way end. SIGHUP
 * loads the rules anew.
 */
export async function start(options: StartOptions, terminal: Terminal): Promise<ExitCode> {
  // Loaded here, because the other commands need neither HTTP nor the store.
  const { startGateway } = await import("../gateway.ts");
  const { endOnCrash } = await import("../crash.ts");
  const { createLog } = await import("../log.ts");
  endOnCrash(createLog({ level: "error" }));
  const asked = stopAsked();
  let gateway: Gateway | undefined;
  // From the beginning too: by default SIGHUP ends the process.
  const hangUp = () => void gateway?.reloadRules();
  process.on("SIGHUP", hangUp);
  gateway = await startGateway(options.config, { environment: terminal.environment });
  await asked;
  await gateway.stop();
  process.off("SIGHUP", hangUp);
  return 0;
}

// Listening before the start ends: a signal in between must not kill a half-started gateway.
// A second signal takes the default way: whoever asks twice does not want to wait.
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}

/** An expected error as a person reads it; anything else with its stack, for a report. */
export function printError(error: unknown, terminal: Terminal): void {
  if (!(error instanceof SampanError)) {
    terminal.err(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return;
  }
  terminal.err(`error[${error.code}] ${error.message}`);
  if (error.hint !== undefined) terminal.err(`  = hint: ${error.hint}`);
}
