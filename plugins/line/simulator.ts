import { createHmac, randomBytes, randomInt, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, answerToGet, type Content, refuse } from "./simulator-get.ts";
import { findFaults } from "./simulator-limits.ts";
import { tapEvent } from "./simulator-tap.ts";

type Json = Record<string, unknown>;

export interface LineSimulatorOptions {
  readonly channelSecret: string;
  readonly channelAccessToken: string;
  readonly botUserId: string;
  /** The channel's webhook, such as `http://127.0.0.1:8080/webhooks/line`; may be set later. */
  readonly gatewayUrl?: string;
  /** Asked at each call when `faults` has none for it: trouble by chance, or by what is said. */
  readonly trouble?: (path: string, body: string) => SimulatorFault | undefined;
}

/** What customers really got with one request. */
export interface ShownMessages {
  readonly to: string;
  readonly via: "reply" | "push";
  readonly messages: readonly Json[];
  readonly key?: string;
}

/** Trouble for the next calls whose path contains `path` and whose body `words`. `cut` ends the connection without an answer; `hang` takes effect and never answers. */
export interface SimulatorFault {
  readonly path: string;
  readonly words?: string;
  readonly status?: number;
  readonly body?: unknown;
  readonly cut?: "before" | "after" | "hang";
  /** 1 unless given. */
  times?: number;
}

export interface LineSimulator {
  /** For `apiUrl`, `dataUrl` and `stickerUrl`. */
  readonly url: string;
  gatewayUrl: string | undefined;
  /** Every message that a user, group or room got, in order. */
  readonly received: ShownMessages[];
  /** Requests that LINE's contract forbids, in words. */
  readonly violations: string[];
  /** Users for whom the typing animation was started. */
  readonly typing: string[];
  /** Tokens with which messages were marked as read. */
  readonly read: string[];
  readonly faults: SimulatorFault[];
  /** Of the month: 5000 messages, none of them used, unless set. */
  quota: { limit?: number; used: number };
  /** Posts a signed webhook with this event, completed by what LINE adds; gives the gateway's status. */
  say(event: Json): Promise<number>;
  /** Posts what a tap on the newest button with this label sends. Throws when no such button was shown. */
  tap(userId: string, label: string, params?: Json): Promise<number>;
  addContent(messageId: string, bytes: Uint8Array, type: string, notReady?: number): void;
  /** The messages of one user, group or room. */
  shownTo(id: string): Json[];
  close(): Promise<void>;
}

interface World extends Omit<LineSimulatorOptions, "gatewayUrl"> {
  gatewayUrl: string | undefined;
  quota: { limit?: number; used: number };
  readonly received: ShownMessages[];
  readonly violations: string[];
  readonly typing: string[];
  readonly read: string[];
  readonly faults: SimulatorFault[];
  readonly contents: Map<string, Content>;
  readonly replyTokens: Map<string, { to: string; at: number }>;
  readonly accepted: Map<string, { body: string; sentMessages: unknown }>;
}

/** Starts a strict stand-in for the LINE Platform on loopback: for `demo` and tests, never for the internet. */
export async function startLineSimulator(options: LineSimulatorOptions): Promise<LineSimulator> {
  const world: World = {
    ...options,
    gatewayUrl: options.gatewayUrl,
    received: [],
    violations: [],
    typing: [],
    read: [],
    faults: [],
    quota: { limit: 5000, used: 0 },
    contents: new Map(),
    replyTokens: new Map(),
    accepted: new Map(),
  };
  const server = createServer((request, response) => {
    serve(world, request, response).catch((error: unknown) => {
      world.violations.push(`the simulator failed: ${String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const simulator: LineSimulator = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get gatewayUrl() {
      return world.gatewayUrl;
    },
    set gatewayUrl(url) {
      world.gatewayUrl = url;
    },
    received: world.received,
    violations: world.violations,
    typing: world.typing,
    read: world.read,
    faults: world.faults,
    get quota() {
      return world.quota;
    },
    set quota(quota) {
      world.quota = quota;
    },
    say: (event) => say(world, event),
    tap: async (userId, label, params) =>
      simulator.say(tapEvent(shownTo(world, userId), userId, label, params)),
    addContent: (id, bytes, type, notReady = 0) => {
      world.contents.set(id, { bytes, type, notReady });
    },
    shownTo: (id) => shownTo(world, id),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return simulator;
}

async function say(world: World, event: Json): Promise<number> {
  const { gatewayUrl } = world;
  if (gatewayUrl === undefined) throw new Error("Set gatewayUrl first: who is to be told?");
  const source = event["source"] as Record<string, string> | undefined;
  const chat = source?.["groupId"] ?? source?.["roomId"] ?? source?.["userId"] ?? "";
  const replyToken = randomBytes(16).toString("hex");
  world.replyTokens.set(replyToken, { to: chat, at: Date.now() });
  const message = event["message"] as Json | undefined;
  const complete = {
    mode: "active",
    timestamp: Date.now(),
    webhookEventId: `01${randomBytes(12).toString("hex").toUpperCase()}`,
    deliveryContext: { isRedelivery: false },
    replyToken,
    ...event,
    ...(message ? { message: { id: messageId(), ...message } } : {}),
  };
  const body = JSON.stringify({ destination: world.botUserId, events: [complete] });
  const signature = createHmac("sha256", world.channelSecret).update(body).digest("base64");
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "x-line-signature": signature,
  };
  const response = await fetch(gatewayUrl, { method: "POST", headers, body });
  await response.arrayBuffer();
  return response.status;
}

const messageId = () => `5${randomInt(10 ** 8, 10 ** 9)}${randomInt(10 ** 8, 10 ** 9)}`;

function shownTo({ received }: World, id: string): Json[] {
  return received.filter(({ to }) => to === id).flatMap(({ messages }) => [...messages]);
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path = new URL(request.url ?? "/", "http://simulator").pathname;
  const raw = Buffer.concat(chunks).toString("utf8");
  const fault = takeFault(world, path, raw);
  if (fault?.cut === "before") return void response.destroy();
  const call = { path, request, raw };
  const answer: Answer =
    fault?.status === undefined
      ? answerTo(world, call)
      : { status: fault.status, body: fault.body ?? { message: "A fault of the simulator" } };
  if (fault?.cut === "after") return void response.destroy();
  if (fault?.cut === "hang") return;
  response.writeHead(answer.status, {
    "content-type": answer.type ?? "application/json",
    "x-line-request-id": randomUUID(),
    ...answer.headers,
  });
  response.end(answer.bytes ?? JSON.stringify(answer.body ?? {}));
}

function takeFault({ faults, trouble }: World, path: string, body: string) {
  const fault = faults.find(
    ({ path: part, words = "", times = 1 }) =>
      path.includes(part) && body.includes(words) && times > 0,
  );
  if (fault === undefined) return trouble?.(path, body);
  fault.times = (fault.times ?? 1) - 1;
  return fault;
}

interface Call {
  readonly path: string;
  readonly request: IncomingMessage;
  readonly raw: string;
}

const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

function answerTo(world: World, call: Call): Answer {
  const { request, path } = call;
  // The host of stickers' pictures asks nobody who they are.
  if (path.startsWith("/stickershop/")) {
    return path.endsWith("/android/sticker.png")
      ? { status: 200, bytes: Buffer.from(onePixel, "base64"), type: "image/png" }
      : refuse(404, "Not found");
  }
  if (request.headers.authorization !== `Bearer ${world.channelAccessToken}`) {
    world.violations.push(`${path}: wrong or missing token`);
    return refuse(401, "Authentication failed due to the following reason: invalid token.");
  }
  if (request.method === "GET") return answerToGet(world, path);
  let body: Json;
  try {
    body = JSON.parse(call.raw) as Json;
  } catch {
    world.violations.push(`${path}: the body is not JSON`);
    return refuse(400, "The request body could not be parsed as JSON (line: 1, column: 1)");
  }
  if (path === "/v2/bot/chat/loading/start") {
    world.typing.push(String(body["chatId"]));
    return { status: 202 };
  }
  if (path === "/v2/bot/chat/markAsRead") {
    world.read.push(String(body["markAsReadToken"]));
    return { status: 200 };
  }
  const isPush = path === "/v2/bot/message/push";
  if (!isPush && path !== "/v2/bot/message/reply") return refuse(404, "Not found");
  const ownOrigin = URL.parse(world.gatewayUrl ?? "")?.origin;
  const faults = findFaults(body["messages"], ownOrigin);
  if (faults.length > 0) {
    world.violations.push(`${path}: ${faults.join("; ")}`);
    return refuse(400, `The request body has ${faults.length} error(s)`);
  }
  return isPush ? acceptPush(world, call, body) : acceptReply(world, call, body);
}

function acceptPush(world: World, { request, raw, path }: Call, body: Json): Answer {
  const key = request.headers["x-line-retry-key"];
  if (typeof key !== "string" || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(key)) {
    world.violations.push(`${path}: X-Line-Retry-Key is no UUID`);
    return refuse(400, "Invalid X-Line-Retry-Key");
  }
  const known = world.accepted.get(key);
  if (known !== undefined) {
    if (known.body !== raw) world.violations.push(`${path}: one retry key, two bodies`);
    const headers = { "x-line-accepted-request-id": randomUUID() };
    const message = "The retry key is already accepted";
    return { status: 409, headers, body: { message, sentMessages: known.sentMessages } };
  }
  const sentMessages = show(world, { to: String(body["to"]), via: "push", key }, body);
  world.accepted.set(key, { body: raw, sentMessages });
  return { status: 200, body: { sentMessages } };
}

function acceptReply(world: World, { request, path }: Call, body: Json): Answer {
  if (request.headers["x-line-retry-key"] !== undefined) {
    world.violations.push(`${path}: a reply takes no X-Line-Retry-Key`);
    return refuse(400, "X-Line-Retry-Key is not supported");
  }
  const token = world.replyTokens.get(String(body["replyToken"]));
  world.replyTokens.delete(String(body["replyToken"]));
  if (token === undefined || Date.now() - token.at > 60_000)
    return refuse(400, "Invalid reply token");
  return { status: 200, body: { sentMessages: show(world, { to: token.to, via: "reply" }, body) } };
}

function show(world: World, shown: Omit<ShownMessages, "messages">, body: Json) {
  const messages = body["messages"] as Json[];
  world.received.push({ ...shown, messages });
  return messages.map(() => ({ id: messageId(), quoteToken: randomBytes(16).toString("hex") }));
}
