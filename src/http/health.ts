import type Router from "@koa/router";
import type { AppParts } from "./app.ts";

export interface Health {
  /** What keeps the gateway from being ready now, by name; empty when ready. */
  faults(): Promise<Readonly<Record<string, string>>>;
}

/** `/healthz`: the process lives. `/readyz`: it can take and keep messages. `/metrics`: Prometheus. */
export function healthRoutes(router: Router, { health, metrics }: AppParts): void {
  router.get("/healthz", (context) => {
    context.body = { status: "ok" };
  });
  router.get("/readyz", async (context) => {
    const faults = await health.faults();
    const ready = Object.keys(faults).length === 0;
    context.status = ready ? 200 : 503;
    context.body = ready ? { status: "ready" } : { status: "not ready", faults };
  });
  router.get("/metrics", async (context) => {
    context.type = metrics.type;
    context.body = await metrics.text();
  });
}
