import type Router from "@koa/router";
import type { Context } from "koa";
import type { Assets } from "../assets/assets.ts";

/** `GET` and `HEAD /assets/<id>/<signature>/<name>`. */
export function assetRoutes(router: Router, assets: Assets): void {
  router.get(
    "/assets/:id/:signature/:name",
    async (context: Context & { params: Record<string, string> }) => {
      const { id = "", signature = "", name = "" } = context.params;
      const answer = await assets.open({ id, signature, name }, asked(context));
      context.status = answer.status;
      // Before the headers: Koa guesses a type from a stream and drops the length.
      context.body = answer.stream ?? null;
      context.status = answer.status;
      for (const [header, value] of Object.entries(answer.headers)) context.set(header, value);
    },
  );
}

function asked(context: Context) {
  const { range, "if-none-match": ifNoneMatch, "if-range": ifRange } = context.headers;
  return {
    head: context.method === "HEAD",
    ...(range !== undefined && { range }),
    ...(ifNoneMatch !== undefined && { ifNoneMatch }),
    ...(typeof ifRange === "string" && { ifRange }),
  };
}
