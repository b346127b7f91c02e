import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type Koa from "koa";
import { SampanError } from "../kit/index.ts";

export interface Listening {
  readonly port: number;
  /** Takes no new connection; ends once the answers under way are out, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Listens with limits against slow and endless callers. */
export async function listen(app: Koa, port: number, host: string): Promise<Listening> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 15_000 }, app.callback());
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const hint =
        cause.code === "EADDRINUSE" ? "Another process has the port; change server.port." : "";
      reject(
        new SampanError("server.listen", `cannot listen on ${host}:${port}: ${cause.message}`, {
          cause,
          hint,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return { port: address.port, close: (graceMs) => close(server, graceMs) };
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
