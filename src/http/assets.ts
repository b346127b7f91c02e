import type Router from "@koa/router";
import type { Context } from "koa";
import type { Assets } from "../assets/assets.ts";

/** `GET` and `HEAD /assets/<id>/<signature>/<name>`. */
export function assetRoutes(router: Router, assets: Assets): void {
  router.get(
    "/assets/:id/:signature/:name",
    async (context: Context & { params: Record<string, string> }) => {
      const { id = "", signature = "", name = "" } = context.params;
      const range = context.get("range") || undefined;
      const answer = await assets.open({ id, signature, name }, range);
      context.status = answer.status;
      for (const [header, value] of Object.entries(answer.headers)) context.set(header, value);
      if (answer.stream === undefined) {
        if (context.method !== "HEAD" && answer.status >= 400) context.body = "";
        return;
      }
      if (context.method === "HEAD") {
        answer.stream.destroy();
        return;
      }
      context.body = answer.stream;
      // Koa guesses from a stream and drops what was set.
      for (const [header, value] of Object.entries(answer.headers)) context.set(header, value);
    },
  );
}
