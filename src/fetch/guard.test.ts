import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type CreateFetchOptions, createFetch } from "./fetch.ts";
import { isPublic } from "./guard.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function client(options?: CreateFetchOptions) {
  const made = createFetch(options);
  cleanups.push(() => made.close());
  return made.fetch;
}

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const refused = { failure: "reject", reason: "blocked" };
const untrusted = { untrusted: true };

describe("isPublic", () => {
  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "nonsense",
  ])("is false for %s", (address) => {
    expect(isPublic(address)).toBe(false);
  });

  test.each(["8.8.8.8", "203.104.138.1", "2606:4700::1111"])("is true for %s", (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe("an untrusted URL", () => {
  test.each([
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://169.254.169.254/latest/meta-data",
    "https://user:password@example.com/",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "nonsense",
  ])("is refused: %s", async (url) => {
    await expect(client()(url, untrusted)).rejects.toMatchObject(refused);
  });

  test("is refused when its name resolves to a loopback address", async () => {
    const host = await serve((_request, response) => response.end("inside"));
    const port = host.split(":")[1];
    await expect(client()(`https://localhost:${port}/`, untrusted)).rejects.toMatchObject(refused);
  });

  test("of a trusted host and port is fetched, of another port it is not", async () => {
    const host = await serve((_request, response) => response.end("ours"));
    const fetch = client({ trustedHosts: [host] });
    expect((await fetch(`http://${host}/`, untrusted)).text).toBe("ours");
    await expect(fetch("http://127.0.0.1:1/", untrusted)).rejects.toMatchObject(refused);
  });

  test("is followed over three redirects and no further", async () => {
    const host = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) return void response.end("there");
      response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const fetch = client({ allowPrivate: true });
    expect((await fetch(`http://${host}/3`, untrusted)).text).toBe("there");
    await expect(fetch(`http://${host}/4`, untrusted)).rejects.toMatchObject(refused);
  });

  test("may not redirect to what is not public", async () => {
    let reached = false;
    const inner = await serve((_request, response) => {
      reached = true;
      response.end("inside");
    });
    const host = await serve((request, response) => {
      const location = request.url === "/file" ? "file:///etc/passwd" : `http://${inner}/`;
      response.writeHead(302, { location }).end();
    });
    const fetch = client({ trustedHosts: [host] });
    await expect(fetch(`http://${host}/`, untrusted)).rejects.toMatchObject(refused);
    await expect(fetch(`http://${host}/file`, untrusted)).rejects.toMatchObject(refused);
    expect(reached).toBe(false);
  });

  test("takes its credentials along to the same origin only", async () => {
    const seen: IncomingMessage["headers"][] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    const host = await serve((request, response) => {
      seen.push(request.headers);
      const location = request.url === "/" ? "/second" : `http://${other}/`;
      response.writeHead(307, { location }).end();
    });
    const headers = { Authorization: "Bearer t", "X-Api-Key": "k", Accept: "image/*" };
    await client({ allowPrivate: true })(`http://${host}/`, { untrusted: true, headers });
    expect(seen.map((one) => one.authorization)).toEqual(["Bearer t", "Bearer t", undefined]);
    expect(seen.map((one) => one["x-api-key"])).toEqual(["k", "k", undefined]);
    expect(seen.map((one) => one.accept)).toEqual(["image/*", "image/*", "image/*"]);
  });

  test("loses method and body where a redirect says so", async () => {
    const seen: string[] = [];
    const host = await serve((request, response) => {
      seen.push(`${request.method} ${request.headers["content-length"] ?? "-"}`);
      if (request.url === "/") response.writeHead(303, { location: "/done" }).end();
      else response.end();
    });
    const fetch = client({ allowPrivate: true });
    await fetch(`http://${host}/`, { untrusted: true, method: "POST", body: "four" });
    expect(seen).toEqual(["POST 4", "GET -"]);
  });
});
