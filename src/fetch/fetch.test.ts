import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { SendError } from "../kit/errors.ts";
import { type CreateFetchOptions, createFetch } from "./fetch.ts";

const cleanups: (() => Promise<unknown> | undefined)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function client(options?: CreateFetchOptions) {
  const made = createFetch(options);
  cleanups.push(() => made.close());
  return made.fetch;
}

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const port = await listen(createServer(handler));
  return { origin: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, port };
}

async function failureOf(answer: Promise<unknown>): Promise<SendError> {
  return answer.then(
    () => expect.fail("there was an answer"),
    (error: SendError) => error,
  );
}

async function read(stream: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("an answer", () => {
  test("has status, headers in lower case and the whole text", async () => {
    const { origin } = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(201, { "X-Request-Id": "r-1", "Set-Cookie": ["a=1", "b=2"] });
        response.end(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      });
    });
    const answer = await client()(`${origin}/a?b=c`, { method: "POST", body: "สวัสดี 🛶" });
    expect(answer.status).toBe(201);
    expect(answer.headers["x-request-id"]).toBe("r-1");
    expect(answer.headers["set-cookie"]).toBe("a=1, b=2");
    expect(answer.text).toBe("POST /a?b=c สวัสดี 🛶");
    expect(answer.stream).toBeUndefined();
  });

  test("of an error status is an answer, and a redirect is one too", async () => {
    const { origin } = await serve((request, response) => {
      response
        .writeHead(request.url === "/moved" ? 302 : 500, { location: "/elsewhere" })
        .end("no");
    });
    const fetch = client();
    expect((await fetch(`${origin}/`)).status).toBe(500);
    expect((await fetch(`${origin}/moved`)).headers["location"]).toBe("/elsewhere");
  });

  test("comes over connections that are used again", async () => {
    const ports = new Set<number | undefined>();
    const { origin } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("ok");
    });
    const fetch = client();
    for (let count = 0; count < 20; count += 1) await fetch(origin);
    // undici may open a second one while the first is being marked as free.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  test("of more than 8 MiB is refused unless it is streamed", async () => {
    const body = Buffer.alloc(9 * 1024 * 1024, 1);
    const { origin } = await serve((_request, response) => response.end(body));
    const fetch = client();
    const failure = await failureOf(fetch(origin));
    expect(failure).toMatchObject({ failure: "unsure", reason: "unavailable" });
    const answer = await fetch(origin, { streamed: true });
    expect((await read(answer.stream)).equals(body)).toBe(true);
  });
});

describe("a streamed answer", () => {
  test("stops the server while nobody reads", async () => {
    let written = 0;
    const { origin } = await serve((_request, response) => {
      const chunk = Buffer.alloc(256 * 1024);
      const more = () => {
        while (written < 256) {
          written += 1;
          if (!response.write(chunk)) return response.once("drain", more);
        }
        return response.end();
      };
      more();
    });
    const { stream } = await client()(origin, { streamed: true });
    const reader = stream?.[Symbol.asyncIterator]();
    await reader?.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written).toBeLessThan(128);
    await reader?.return?.();
  });

  test("fails as unsure when it is cut", async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });
    const { stream } = await client()(origin, { streamed: true });
    expect(await failureOf(read(stream))).toMatchObject({
      failure: "unsure",
      reason: "unavailable",
    });
  });

  test("fails when a chunk stays away for too long", async () => {
    const { origin } = await serve((_request, response) => void response.write("first"));
    const { stream } = await client()(origin, { streamed: true, timeoutMs: 80 });
    expect(await failureOf(read(stream))).toMatchObject({ failure: "unsure" });
  });

  test("ends with the signal", async () => {
    const { origin } = await serve((_request, response) => void response.write("first"));
    const controller = new AbortController();
    const { stream } = await client()(origin, { streamed: true, signal: controller.signal });
    setImmediate(() => controller.abort());
    expect((await failureOf(read(stream))).message).toContain("given up by the caller");
  });

  test("of another status than 200 is read at once, so that its connection is free again", async () => {
    const ports = new Set<number | undefined>();
    const { origin } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(202).end("not ready");
    });
    const fetch = client();
    for (let count = 0; count < 20; count += 1) {
      const answer = await fetch(origin, { streamed: true });
      expect([answer.status, answer.text]).toEqual([202, "not ready"]);
    }
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe("no answer is", () => {
  test("retry when the connection is refused", async () => {
    const server = createTcpServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const failure = await failureOf(client()(`http://127.0.0.1:${port}/secret?token=t0k3n`));
    expect(failure).toMatchObject({ failure: "retry", reason: "unavailable" });
    expect(failure.message).toBe(
      `127.0.0.1:${port} cannot be reached: connection refused (ECONNREFUSED)`,
    );
  });

  test("retry when there is no such host", async () => {
    const failure = await failureOf(client()("http://nobody.invalid/"));
    expect(failure).toMatchObject({ failure: "retry", reason: "unavailable" });
    expect(failure.message).toContain("nobody.invalid");
  });

  test("retry when TLS cannot be spoken", async () => {
    const { port } = await serve((_request, response) => response.end());
    const failure = await failureOf(client()(`https://127.0.0.1:${port}/`));
    expect(failure).toMatchObject({ failure: "retry", reason: "unavailable" });
  });

  test("retry when time ran out before there was a connection", async () => {
    const sockets: Socket[] = [];
    const port = await listen(createTcpServer((socket) => sockets.push(socket)));
    // TLS over a server that never speaks: the handshake hangs, so no request is written.
    const failure = await failureOf(client()(`https://127.0.0.1:${port}/`, { timeoutMs: 60 }));
    expect(failure).toMatchObject({ failure: "retry", reason: "unavailable" });
    expect(failure.message).toContain("60 ms");
    for (const socket of sockets) socket.destroy();
  });

  test("unsure when time ran out after the request was written", async () => {
    let calls = 0;
    const { origin } = await serve(() => {
      calls += 1;
    });
    const failure = await failureOf(client()(origin, { method: "POST", body: "x", timeoutMs: 80 }));
    expect(failure).toMatchObject({ failure: "unsure", reason: "unavailable" });
    expect(calls).toBe(1);
  });

  test("unsure when the body does not end in time", async () => {
    const { origin } = await serve((_request, response) => void response.write("half"));
    const failure = await failureOf(client()(origin, { timeoutMs: 80 }));
    expect(failure).toMatchObject({ failure: "unsure", reason: "unavailable" });
  });

  test("unsure when the connection was cut after the request, and it is not sent again", async () => {
    let calls = 0;
    const { origin } = await serve((request) => {
      calls += 1;
      request.socket.destroy();
    });
    const fetch = client();
    const post = await failureOf(fetch(origin, { method: "POST", body: "x" }));
    expect(post).toMatchObject({ failure: "unsure", reason: "unavailable" });
    const get = await failureOf(fetch(origin));
    expect(get).toMatchObject({ failure: "unsure", reason: "unavailable" });
    expect(calls).toBe(2);
  });

  test("unsure when a kept-alive connection was closed as the request came", async () => {
    let requests = 0;
    const port = await listen(
      createTcpServer((socket) => {
        socket.on("error", () => {});
        socket.on("data", () => {
          requests += 1;
          if (requests === 1) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
          else socket.destroy();
        });
      }),
    );
    const fetch = client();
    await fetch(`http://127.0.0.1:${port}/`);
    const failure = await failureOf(
      fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "x" }),
    );
    expect(failure).toMatchObject({ failure: "unsure", reason: "unavailable" });
    expect(requests).toBe(2);
  });

  test("unsure when the caller gave up after the request was written", async () => {
    const controller = new AbortController();
    const { origin } = await serve(() => controller.abort());
    const failure = await failureOf(client()(origin, { signal: controller.signal }));
    expect(failure).toMatchObject({ failure: "unsure", reason: "unavailable" });
  });

  test("retry when the caller had given up before", async () => {
    let calls = 0;
    const { origin } = await serve((_request, response) => {
      calls += 1;
      response.end();
    });
    const failure = await failureOf(client()(origin, { signal: AbortSignal.abort() }));
    expect(failure).toMatchObject({ failure: "retry", reason: "unavailable" });
    expect(calls).toBe(0);
  });

  test("reject when the request is malformed", async () => {
    const fetch = client();
    expect(await failureOf(fetch("not a url"))).toMatchObject({ failure: "reject" });
    const { origin } = await serve((_request, response) => response.end());
    const failure = await failureOf(fetch(origin, { headers: { "bad header": "x\ny" } }));
    expect(failure).toMatchObject({ failure: "reject", reason: "invalid" });
  });
});
