import { Counter, Gauge, type Registry } from "prom-client";
import type { Admission } from "../flow/admission.ts";
import type { Store } from "../store/store.ts";

/** What tells that messages are in danger: refused calls, a full disk, events that nobody accounts for. */
export function safetyMetrics(store: Store, admission: Admission, registers: Registry[]): void {
  new Gauge({
    name: "sampan_unaccounted",
    help: "Accepted events of which nobody knows how they ended; anything but 0 is an alarm",
    registers,
    collect() {
      this.set(store.unaccounted());
    },
  });
  new Gauge({
    name: "sampan_intake_waiting",
    help: "Webhook calls whose events wait for their commit",
    registers,
    collect() {
      this.set(admission.numbers().waiting);
    },
  });
  new Counter({
    name: "sampan_intake_refused_total",
    help: "Webhook calls refused to protect what was accepted: busy or disk",
    labelNames: ["reason"],
    registers,
    collect() {
      this.reset();
      const { refused } = admission.numbers();
      this.inc({ reason: "busy" }, refused.busy);
      this.inc({ reason: "disk" }, refused.disk);
    },
  });
  new Gauge({
    name: "sampan_disk_free_bytes",
    help: "Free on the disk of the store or of the assets, whichever has less",
    registers,
    collect() {
      const { freeBytes } = admission.numbers();
      if (freeBytes !== undefined) this.set(freeBytes);
    },
  });
}
