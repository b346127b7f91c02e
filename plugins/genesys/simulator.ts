import { createHmac, randomBytes, randomUUID } from "node:crypto";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type Endpoint, findFaults } from "./simulator-checks.ts";
import type {
  DownloadOptions,
  Fault,
  GenesysSimulator,
  Seen,
  SeenBody,
  SeenReceipt,
  SimulatorSettings,
} from "./simulator-types.ts";

export type * from "./simulator-types.ts";

interface Download extends DownloadOptions {
  readonly bytes: Uint8Array;
  readonly type: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly raw: string;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * A Genesys Cloud for demos and tests: the login host, the API, and the sender of webhooks, on one
 * port. It checks as strictly as the real one, and more: what it finds is in `violations`.
 */
export async function startGenesysSimulator(
  settings: SimulatorSettings,
): Promise<GenesysSimulator> {
  const simulator = new Simulator(settings);
  await simulator.listen(settings.port ?? 0);
  return simulator;
}

const hexId = () => randomBytes(16).toString("hex");
const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: { message, code, status, contextId: randomUUID(), details: [], errors: [] },
});

class Simulator implements GenesysSimulator {
  readonly ledger: Seen[] = [];
  readonly receipts: SeenReceipt[] = [];
  readonly violations: string[] = [];
  readonly faults: Fault[] = [];
  logins = 0;
  url = "";
  gatewayUrl: string | undefined;
  readonly #settings: SimulatorSettings;
  readonly #tokens = new Map<string, number>();
  readonly #downloads = new Map<string, Download>();
  /** By messageId: the body, and whether the caller may have missed the answer. */
  readonly #taken = new Map<string, { readonly raw: string; unsure: boolean }>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(settings: SimulatorSettings) {
    this.#settings = settings;
    this.gatewayUrl = settings.gatewayUrl;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  seen(conversation: string) {
    return this.ledger.filter((entry) => entry.conversation === conversation);
  }

  sign(body: string) {
    const digest = createHmac("sha256", this.#settings.webhookSecret).update(body).digest("base64");
    return `sha256=${digest}`;
  }

  say(to: string, text: string) {
    return this.send(to, { text });
  }

  async send(to: string, parts: object) {
    if (this.gatewayUrl === undefined) throw new Error("gatewayUrl is not set");
    const id = hexId();
    const body = JSON.stringify({ ...this.#webhook(id, to), ...parts });
    return { id, status: await postSigned(this.gatewayUrl, body, this.sign(body)) };
  }

  addDownload(bytes: Uint8Array, type: string, options: DownloadOptions = {}) {
    const id = hexId();
    this.#downloads.set(id, { bytes, type, ...options });
    return `${this.url}/api/v2/downloads/${id}`;
  }

  revokeTokens() {
    this.#tokens.clear();
  }

  #webhook(id: string, to: string) {
    const { integrationId } = this.#settings;
    return {
      id,
      channel: {
        id: integrationId,
        platform: "Open",
        type: "Private",
        messageId: id,
        to: { id: to, idType: "Opaque" },
        from: { nickname: "Simulator", id: integrationId, idType: "Opaque" },
        time: new Date().toISOString(),
      },
      type: "Text",
      direction: "Outbound",
      originatingEntity: "Human",
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname } = new URL(request.url ?? "/", this.url);
    const raw = Buffer.concat(chunks).toString();
    const call = { method: request.method ?? "", path: pathname, request, raw };
    const fault = this.#takeFault(pathname);
    const answer =
      fault?.status === undefined ? this.#answer(call) : { status: fault.status, ...fault };
    if (fault?.cut) {
      const taken = this.#taken.get(messageIdOf(raw));
      if (taken !== undefined) taken.unsure = true;
      if (fault.cut === true) request.socket.destroy();
      return;
    }
    const { status, headers, body } = answer;
    if (body instanceof Uint8Array) response.writeHead(status, headers).end(body);
    else
      response
        .writeHead(status, { "Content-Type": "application/json", ...headers })
        .end(JSON.stringify(body));
  }

  #takeFault(path: string): Fault | undefined {
    const index = this.faults.findIndex((fault) => path.includes(fault.path));
    const fault = this.faults[index];
    if (fault === undefined) return this.#settings.trouble?.(path);
    const { times = 1 } = fault;
    if (times > 1) this.faults[index] = { ...fault, times: times - 1 };
    else this.faults.splice(index, 1);
    return fault;
  }

  #answer(call: Call): Answer {
    const { path, method, request } = call;
    if (path === "/oauth/token") return this.#login(call);
    if (path.startsWith("/api/v2/downloads/")) return this.#download(call);
    if (!this.#isAlive(request))
      return refusal(401, "bad.credentials", "Invalid login credentials.");
    const found = /^\/api\/v2\/conversations\/messages\/([^/]+)\/inbound\/open\/(.+)$/.exec(path);
    const endpoint = endpoints.find((name) => name === found?.[2]);
    if (
      method !== "POST" ||
      found?.[1] !== this.#settings.integrationId ||
      endpoint === undefined
    ) {
      this.violations.push(`nothing is at ${method} ${path}`);
      return refusal(404, "not.found", "The requested resource was not found.");
    }
    return this.#accept(endpoint, call);
  }

  #login({ request, raw, method }: Call): Answer {
    const { clientId, clientSecret, tokenLife = 3600 } = this.#settings;
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    const form = new URLSearchParams(raw);
    const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
    if (method !== "POST" || !isForm || form.get("grant_type") !== "client_credentials")
      this.violations.push("the login is no client_credentials form");
    if (request.headers.authorization !== basic)
      return { status: 400, body: { error: "invalid_client", description: "client not found" } };
    this.logins += 1;
    const token = hexId();
    this.#tokens.set(token, Date.now() + tokenLife * 1000);
    const body = { access_token: token, token_type: "bearer", expires_in: tokenLife };
    return { status: 200, body };
  }

  #isAlive({ headers }: IncomingMessage): boolean {
    const token = headers.authorization?.replace(/^bearer /i, "") ?? "";
    return (this.#tokens.get(token) ?? 0) > Date.now();
  }

  #download({ path, request }: Call): Answer {
    const file = this.#downloads.get(path.slice(path.lastIndexOf("/") + 1));
    if (file === undefined) return refusal(404, "not.found", "Not found");
    if (file.needsToken && !this.#isAlive(request))
      return refusal(401, "authentication.required", "No bearer token.");
    if (file.redirect !== undefined) return { status: 302, headers: { Location: file.redirect } };
    const name = encodeURIComponent(file.name ?? "file");
    const disposition = `attachment; filename*=UTF-8''${name}`;
    const headers = { "Content-Type": file.type, "Content-Disposition": disposition };
    return { status: 200, headers, body: file.bytes };
  }

  #accept(endpoint: Endpoint, { request, raw }: Call): Answer {
    const body = parse(raw);
    const faults = findFaults(endpoint, body, request.headers);
    if (faults.length > 0) {
      this.violations.push(...faults.map((fault) => `${endpoint}: ${fault}`));
      return refusal(400, "bad.request", faults.join("; "));
    }
    if (endpoint === "receipt") this.#keepReceipt(body as ReceiptBody);
    if (endpoint === "message" || endpoint === "structured/response")
      this.#keepMessage(endpoint, body as SeenBody, raw);
    return { status: 202, body: { ...(body as object), id: hexId() } };
  }

  #keepReceipt({ id, status, channel, reasons = [] }: ReceiptBody): void {
    this.receipts.push({ id, status, to: channel.to.id, reasons });
  }

  /** Genesys drops nothing by messageId: a second copy is what the agent would see twice. */
  #keepMessage(endpoint: Seen["endpoint"], body: SeenBody, raw: string): void {
    const messageId = messageIdOf(raw);
    const earlier = this.#taken.get(messageId);
    if (earlier === undefined) {
      this.#taken.set(messageId, { raw, unsure: false });
      this.ledger.push({ endpoint, conversation: body.channel.from.id, messageId, body });
      return;
    }
    if (earlier.raw !== raw) this.violations.push(`messageId ${messageId} came with another body`);
    else if (!earlier.unsure) this.violations.push(`messageId ${messageId} came twice`);
    earlier.unsure = false;
  }
}

const endpoints: readonly Endpoint[] = ["message", "structured/response", "receipt", "event"];

interface ReceiptBody extends Omit<SeenReceipt, "to"> {
  readonly channel: { readonly to: { readonly id: string } };
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

function messageIdOf(raw: string): string {
  const body = parse(raw) as { channel?: { messageId?: string } } | undefined;
  return body?.channel?.messageId ?? "";
}

function postSigned(url: string, body: string, signature: string): Promise<number> {
  const headers = {
    "Content-Type": "application/json; charset=utf-8",
    "X-Hub-Signature-256": signature,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    request.once("error", reject).end(body);
  });
}
