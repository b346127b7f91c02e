import { Gauge, type Registry } from "prom-client";
import type { Usage } from "../kit/index.ts";

/** What is used of what the platforms grant, such as LINE's monthly messages. */
export function usageMetrics(registers: Registry[]): { used(channel: string, usage: Usage): void } {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ["channel"], registers });
  const used = gauge("sampan_usage", "Used of what the platform grants in its period");
  const limit = gauge(
    "sampan_usage_limit",
    "What the platform grants; absent where it is no limit",
  );
  return {
    used(channel, usage) {
      used.set({ channel }, usage.used);
      if (usage.limit === undefined) limit.remove({ channel });
      else limit.set({ channel }, usage.limit);
    },
  };
}
