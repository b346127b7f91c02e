import Router from "@koa/router";
import Koa from "koa";
import helmet from "koa-helmet";
import type { Assets } from "../assets/assets.ts";
import type { Intake } from "../flow/intake.ts";
import type { Logger } from "../kit/index.ts";
import { type AdminParts, adminRoutes } from "./admin.ts";
import { assetRoutes } from "./assets.ts";
import { type Health, healthRoutes } from "./health.ts";
import type { Metrics } from "./metrics.ts";
import { webhookRoutes } from "./webhooks.ts";

export interface AppParts {
  readonly intake: Intake;
  readonly assets: Assets;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Most bytes of a webhook call. */
  readonly bodyLimit: number;
  readonly admin: AdminParts;
}

/** All that the gateway answers over HTTP. */
export function createApp(parts: AppParts): Koa {
  const app = new Koa();
  const router = new Router();
  webhookRoutes(router, parts);
  assetRoutes(router, parts.assets);
  healthRoutes(router, parts);
  adminRoutes(router, parts.admin);
  app.use(helmet());
  app.use(router.routes());
  app.use(router.allowedMethods());
  app.on("error", (error: NodeJS.ErrnoException) => {
    // A client that goes away in the middle is not our fault and not worth an alarm.
    const gone = error.code === "ECONNRESET" || error.code === "EPIPE";
    parts.log[gone ? "debug" : "error"]("http failed", { code: error.code, error: error.message });
  });
  return app;
}
