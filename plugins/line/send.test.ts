import { randomUUID } from "node:crypto";
import { type Delivery, SendError } from "sampan/kit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import line from "./index.ts";
import type { LineMessage } from "./messages.ts";
import { type LineSimulator, startLineSimulator } from "./simulator.ts";
import { testContext } from "./test-context.ts";

const botUserId = "U00000000000000000000000000000b07";
const person = "U00000000000000000000000000000001";
const account = { channelSecret: "secret", channelAccessToken: "token" };
const { signal } = new AbortController();

let simulator: LineSimulator;
let world: ReturnType<typeof testContext>;
beforeEach(async () => {
  simulator = await startLineSimulator({ ...account, botUserId });
  world = testContext();
});
afterEach(() => simulator.close());

const channel = (token = account.channelAccessToken) =>
  line.create(
    { ...account, channelAccessToken: token, apiUrl: `${simulator.url}/`, dataUrl: simulator.url },
    world.context,
  );
const steps: string[] = [];
const delivery = (more: Partial<Delivery<LineMessage>> = {}): Delivery<LineMessage> => ({
  key: randomUUID(),
  attempt: 1,
  createdAt: world.clock.now,
  conversation: { id: person, type: "person" },
  payloads: [{ type: "text", text: "hello" }],
  begin: async (step) => void steps.push(step),
  ...more,
});
const send = async (one: Delivery<LineMessage>, token?: string) =>
  channel(token).send?.(one, signal);
const failure = async (run: Promise<unknown>): Promise<SendError> => {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SendError) return error;
  throw new Error(`A SendError was expected, got ${String(error)}`);
};

/** Lets the person write, so that a reply token is there. */
async function giveToken() {
  const source = { type: "user", userId: person };
  const { createServer } = await import("node:http");
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = { "x-line-signature": String(request.headers["x-line-signature"]) };
    const call = { method: "POST", url: "/", headers, body: Buffer.concat(chunks) };
    const received = await channel().receive?.(call);
    for (const { name, value } of received?.events[0]?.remember ?? []) world.kept.set(name, value);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  simulator.gatewayUrl = `http://127.0.0.1:${address.port}/`;
  const message = { type: "text", text: "question" };
  expect(await simulator.say({ type: "message", source, message })).toBe(200);
  expect(world.kept.size).toBe(1);
  server.closeAllConnections();
  server.close();
}

describe("push", () => {
  test("sends the payloads with the delivery's key and gives LINE's ids", async () => {
    const one = delivery();
    const sent = await send(one);
    expect(sent?.via).toBe("push");
    expect(sent?.ids).toHaveLength(1);
    expect(simulator.received).toEqual([
      { to: person, via: "push", key: one.key, messages: one.payloads },
    ]);
    expect(simulator.violations).toEqual([]);
  });

  test("quick replies move to the last message, where LINE shows them", async () => {
    const items = [{ type: "action", action: { type: "message", label: "a", text: "a" } }] as const;
    const ask: LineMessage = { type: "text", text: "which?", quickReply: { items: [...items] } };
    await send(delivery({ payloads: [ask, { type: "text", text: "see also" }] }));
    expect(simulator.shownTo(person)).toEqual([
      { type: "text", text: "which?" },
      { type: "text", text: "see also", quickReply: { items } },
    ]);
    expect(simulator.violations).toEqual([]);
  });

  test("a push whose answer was lost is repeated and shown once", async () => {
    simulator.faults.push({ path: "/push", cut: "after" });
    const one = delivery();
    expect(await failure(send(one))).toMatchObject({ failure: "retry", reason: "unavailable" });
    const again = await send({ ...one, attempt: 2 });
    expect(again?.ids).toHaveLength(1);
    expect(simulator.received).toHaveLength(1);
    expect(simulator.violations).toEqual([]);
  });

  test.each([
    [500, "retry", "unavailable"],
    [503, "retry", "unavailable"],
    [429, "retry", "throttled"],
    [401, "retry", "auth"],
    [400, "reject", "invalid"],
    [403, "reject", "auth"],
    [413, "reject", "invalid"],
  ])("%i means %s, %s", async (status, kind, reason) => {
    simulator.faults.push({ path: "/push", status });
    expect(await failure(send(delivery()))).toMatchObject({ failure: kind, reason });
  });

  test("a spent monthly quota is told apart from too much haste", async () => {
    const body = { message: "You have reached your monthly limit." };
    simulator.faults.push({ path: "/push", status: 429, body });
    expect(await failure(send(delivery()))).toMatchObject({ failure: "retry", reason: "quota" });
    simulator.faults.push({ path: "/push", status: 429, body: {} });
    simulator.faults.push({ path: "/consumption", status: 200, body: { totalUsage: 5000 } });
    expect(await failure(send(delivery()))).toMatchObject({ failure: "retry", reason: "quota" });
  });

  test("after 23 hours it is refused, because LINE forgets the key", async () => {
    const createdAt = world.clock.now - 24 * 60 * 60 * 1000;
    const error = await failure(send(delivery({ createdAt })));
    expect(error).toMatchObject({ failure: "reject", reason: "expired" });
    expect(simulator.received).toEqual([]);
  });

  test("neither the token nor the text is in the error", async () => {
    simulator.faults.push({ path: "/push", status: 400 });
    const error = await failure(send(delivery()));
    expect(`${error.message}${error.hint}`).not.toMatch(/token|hello/);
  });
});

describe("reply", () => {
  test("a fresh token is used, once", async () => {
    await giveToken();
    steps.length = 0;
    expect((await send(delivery()))?.via).toBe("reply");
    expect(steps).toEqual(["reply"]);
    expect((await send(delivery()))?.via).toBe("push");
    expect(simulator.violations).toEqual([]);
  });

  test("a token that LINE refuses is followed by a push", async () => {
    world.kept.set(`reply:${person}`, JSON.stringify({ token: "used", at: world.clock.now }));
    expect((await send(delivery()))?.via).toBe("push");
  });

  test("a token that is too old is not tried", async () => {
    await giveToken();
    world.clock.now += 60_000;
    expect((await send(delivery()))?.via).toBe("push");
  });

  test.each([
    ["a lost answer", { cut: "after" as const }],
    ["a server error", { status: 500 }],
  ])("%s leaves it open, and nothing is pushed", async (_, fault) => {
    await giveToken();
    simulator.faults.push({ path: "/reply", ...fault });
    expect(await failure(send(delivery()))).toMatchObject({ failure: "unsure" });
    expect(simulator.received.filter(({ via }) => via === "push")).toEqual([]);
  });

  test("429 is surely not sent: the next attempt pushes", async () => {
    await giveToken();
    simulator.faults.push({ path: "/reply", status: 429 });
    const one = delivery();
    expect(await failure(send(one))).toMatchObject({ failure: "retry", reason: "throttled" });
    expect((await send({ ...one, attempt: 2 }))?.via).toBe("push");
  });

  test("a reply that a crash interrupted is held", async () => {
    const error = await failure(send(delivery({ attempt: 2, begun: "reply" })));
    expect(error.failure).toBe("unsure");
    expect(simulator.received).toEqual([]);
  });
});

describe("look-ups", () => {
  const bytesOf = async (ref: string) => {
    const media = await channel().media?.(ref, signal);
    const chunks: Uint8Array[] = [];
    for await (const chunk of media?.body ?? []) chunks.push(chunk);
    return { type: media?.type, text: Buffer.concat(chunks).toString() };
  };

  test("a file comes when it is ready, and never when it is gone", async () => {
    simulator.addContent("77", Buffer.from("movie"), "video/mp4", 1);
    expect(await failure(bytesOf("77"))).toMatchObject({ failure: "retry", retryAfterMs: 1000 });
    expect(await bytesOf("77")).toEqual({ type: "video/mp4", text: "movie" });
    expect(await failure(bytesOf("78"))).toMatchObject({ failure: "reject", reason: "expired" });
  });

  test("a film that LINE could not prepare, or that went meanwhile, is given up", async () => {
    simulator.addContent("77", Buffer.from("movie"), "video/mp4", 5);
    simulator.faults.push({ path: "/transcoding", status: 200, body: { status: "failed" } });
    expect(await failure(bytesOf("77"))).toMatchObject({ failure: "reject", reason: "invalid" });
    simulator.faults.push({ path: "/transcoding", status: 410 });
    expect(await failure(bytesOf("77"))).toMatchObject({ failure: "reject", reason: "expired" });
    simulator.faults.push({ path: "/transcoding", status: 500 });
    expect(await failure(bytesOf("77"))).toMatchObject({ failure: "retry", retryAfterMs: 1000 });
  });

  test("a file elsewhere is fetched without the token, and given up when its host is dead", async () => {
    const { createServer } = await import("node:http");
    let authorization: string | undefined;
    const server = createServer((request, response) => {
      authorization = request.headers.authorization;
      response.writeHead(200, { "content-type": "image/png; x=y" }).end("picture");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const ref = `http://127.0.0.1:${address.port}/a.png`;
    expect(await bytesOf(ref)).toEqual({ type: "image/png", text: "picture" });
    expect(authorization).toBeUndefined();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await failure(bytesOf(ref))).toMatchObject({ failure: "reject", reason: "unavailable" });
  });

  test("a person, and in a group the member and the group's name", async () => {
    const ask = (id: string, type: "person" | "group" | "room") =>
      channel().profile?.({ conversation: { id, type }, userId: person }, signal);
    expect(await ask(person, "person")).toEqual({ name: "User 0001", language: "ja" });
    expect(await ask("C2", "group")).toMatchObject({
      name: "User 0001",
      conversationName: "Group",
    });
    expect(await ask("R3", "room")).toMatchObject({ name: "User 0001" });
  });

  test("no profile is no error, a broken one is a warning", async () => {
    const ask = () => channel().profile?.({ conversation: { id: person, type: "person" } }, signal);
    simulator.faults.push({ path: "/profile", status: 404 });
    expect(await ask()).toBeUndefined();
    expect(world.warnings).toEqual([]);
    simulator.faults.push({ path: "/profile", status: 500 });
    expect(await ask()).toBeUndefined();
    expect(world.warnings).toHaveLength(1);
  });

  test("typing is shown to one person, not to a group", async () => {
    const sign = { kind: "typing", on: true, durationMs: 7000 } as const;
    await channel().signal?.({ ...sign, conversation: { id: person, type: "person" } }, signal);
    await channel().signal?.({ ...sign, conversation: { id: "C1", type: "group" } }, signal);
    expect(simulator.typing).toEqual([person]);
  });

  test("a bad token is found by the check", async () => {
    expect(await failure(channel("wrong").check?.(signal) ?? Promise.resolve())).toMatchObject({
      reason: "auth",
    });
  });
});

test("a webhook for another bot is refused once the check told who this one is", async () => {
  const own = channel();
  const { createHmac } = await import("node:crypto");
  const receive = (destination: string) => {
    const body = Buffer.from(JSON.stringify({ destination, events: [] }));
    const signature = createHmac("sha256", "secret").update(body).digest("base64");
    const headers = { "x-line-signature": signature };
    return own.receive?.({ method: "POST", url: "/", headers, body });
  };
  expect(receive("Uother")).toEqual({ events: [] });
  await own.check?.(signal);
  expect(receive(botUserId)).toEqual({ events: [] });
  expect(() => receive("Uother")).toThrow(expect.objectContaining({ status: 403 }));
});
