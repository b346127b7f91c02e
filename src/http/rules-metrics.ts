import { Counter, Gauge, type Registry } from "prom-client";

/** Which rules run since when, what became of changes to them, and what is wrong on the disk now. */
export function rulesMetrics(registers: Registry[]) {
  const loaded = new Gauge({
    name: "sampan_rules_loaded_timestamp_seconds",
    help: "When the rules that run were loaded",
    registers,
  });
  const info = new Gauge({
    name: "sampan_rules_info",
    help: "The version of the rules that run: equal for equal files",
    labelNames: ["version"],
    registers,
  });
  const reloads = new Counter({
    name: "sampan_rules_reloads_total",
    help: "Changes to the files of rules, by what became of them: loaded or refused",
    labelNames: ["result"],
    registers,
  });
  const faults = new Gauge({
    name: "sampan_rules_faults",
    help: "Errors in the files of rules as they are now, by code; none when they run",
    labelNames: ["code"],
    registers,
  });
  for (const result of ["loaded", "refused"]) reloads.inc({ result }, 0);
  let started = false;
  return {
    /** `at`: milliseconds since 1970. The first one is the start and no reload. */
    loaded({ version, at }: { readonly version: string; readonly at: number }): void {
      if (started) reloads.inc({ result: "loaded" });
      started = true;
      loaded.set(at / 1000);
      info.reset();
      info.set({ version }, 1);
      faults.reset();
    },
    /** The code of each error. */
    refused(codes: readonly string[]): void {
      reloads.inc({ result: "refused" });
      faults.reset();
      for (const code of codes) faults.inc({ code });
    },
  };
}
