import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A small, strict stand-in for the Bot API: what the real one would refuse, it refuses. */
export interface TelegramSimulator {
  /** What `apiUrl` is set to. */
  readonly url: string;
  /** Calls that were accepted, oldest first. */
  readonly calls: readonly SimulatedCall[];
  /** The next call is refused like this. */
  refuseNext(status: number, description: string, parameters?: object): void;
  /** `getFile` then knows it, and `/file/bot…` gives the bytes. */
  addFile(id: string, bytes: Uint8Array): void;
  /** Posts an update to the gateway as Telegram does, and runs the method that it answers with. */
  update(webhook: string, update: object): Promise<number>;
  close(): Promise<void>;
}

export interface SimulatedCall {
  readonly method: string;
  readonly fields: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

class Refusal extends Error {
  readonly status: number;
  readonly parameters: object | undefined;

  constructor(status: number, description: string, parameters?: object) {
    super(description);
    this.status = status;
    this.parameters = parameters;
  }
}

/** Starts it on a free port of the loopback interface. */
export async function startTelegram(
  botToken: string,
  secretToken: string,
): Promise<TelegramSimulator> {
  const calls: SimulatedCall[] = [];
  const refusals: Refusal[] = [];
  const files = new Map<string, Uint8Array>();
  const run = (method: string, fields: Fields): unknown => {
    const refusal = refusals.shift();
    if (refusal !== undefined) throw refusal;
    const result = resultOf(method, fields, files, calls.length + 1);
    calls.push({ method, fields });
    return result;
  };
  const server = createServer((request, response) => {
    const [, kind = "", path = ""] =
      new RegExp(`^/(file/)?bot${botToken}/(.+)$`).exec(request.url ?? "") ?? [];
    if (kind !== "") return giveFile(response, files.get(path.replace("files/", "")));
    answer(request, response, (fields) => {
      if (path === "") throw new Refusal(404, "Not Found");
      return run(path, fields);
    }).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    refuseNext: (...refusal) => void refusals.push(new Refusal(...refusal)),
    addFile: (id, bytes) => void files.set(id, bytes),
    update: (webhook, update) => postUpdate(webhook, update, secretToken, run),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function giveFile(response: ServerResponse, bytes: Uint8Array | undefined): void {
  response.writeHead(bytes === undefined ? 404 : 200, {
    "content-type": "application/octet-stream",
  });
  response.end(bytes);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  run: (fields: Fields) => unknown,
): Promise<void> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const { status, body } = outcome(() => run(JSON.parse(text || "{}") as Fields));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function outcome(run: () => unknown): { status: number; body: object } {
  try {
    return { status: 200, body: { ok: true, result: run() } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, message: description, parameters } = error;
    return {
      status,
      body: { ok: false, error_code: status, description, ...(parameters && { parameters }) },
    };
  }
}

function resultOf(
  method: string,
  fields: Fields,
  files: ReadonlyMap<string, Uint8Array>,
  number: number,
): unknown {
  const sent = () => {
    need(/^-?\d+$/.test(String(fields["chat_id"])), "chat not found");
    checkMarkup(fields["reply_markup"]);
    return { message_id: number, date: 1_767_225_600, chat: { id: Number(fields["chat_id"]) } };
  };
  switch (method) {
    case "getMe":
      return { id: 7_000_000_001, is_bot: true, first_name: "Shop", username: "shop_bot" };
    case "sendMessage":
      needText(fields["text"], 1, 4096, "message text is empty", "message is too long");
      return sent();
    case "sendPhoto":
      need(
        /^https:\/\/\S+$/.test(String(fields["photo"])),
        "wrong file identifier/HTTP URL specified",
      );
      needText(fields["caption"] ?? "", 0, 1024, "", "message caption is too long");
      return sent();
    case "sendLocation":
      needDegrees(fields["latitude"], 90, "latitude");
      needDegrees(fields["longitude"], 180, "longitude");
      return sent();
    case "sendChatAction":
      need(fields["action"] === "typing", "wrong parameter action in request");
      sent();
      return true;
    case "answerCallbackQuery":
      need(/^\d+$/.test(String(fields["callback_query_id"])), "query is too old");
      return true;
    case "getFile": {
      const id = String(fields["file_id"]);
      need(files.has(id), "invalid file_id");
      return { file_id: id, file_unique_id: `u${id}`, file_path: `files/${id}` };
    }
    default:
      throw new Refusal(404, "Not Found");
  }
}

function need(condition: boolean, description: string): void {
  if (!condition) throw new Refusal(400, `Bad Request: ${description}`);
}

function needText(value: unknown, least: number, most: number, empty: string, long: string): void {
  const text = typeof value === "string" ? value.trim() : "";
  need(text.length >= least, empty);
  need(text.length <= most, long);
  need(text.isWellFormed(), "strings must be encoded in UTF-8");
}

function needDegrees(value: unknown, most: number, name: string): void {
  need(typeof value === "number" && Math.abs(value) <= most, `wrong ${name}`);
}

interface Markup {
  readonly inline_keyboard?: readonly (readonly Fields[])[];
  readonly keyboard?: readonly (readonly Fields[])[];
}

function checkMarkup(value: unknown): void {
  if (value === undefined) return;
  const { inline_keyboard: inline, keyboard } = value as Markup;
  need((inline === undefined) !== (keyboard === undefined), "object expected as reply markup");
  for (const { text, url, callback_data: data } of [inline ?? [], keyboard ?? []].flat(2)) {
    needText(text, 1, 4096, "text buttons are unallowed in the inline keyboard", "BUTTON_INVALID");
    if (inline === undefined) continue;
    need((url === undefined) !== (data === undefined), "BUTTON_TYPE_INVALID");
    const bytes = Buffer.byteLength(String(data ?? "x"));
    need(bytes > 0 && bytes <= 64, "BUTTON_DATA_INVALID");
    need(url === undefined || /^(https?|tg|tel):\S+$/.test(String(url)), "BUTTON_URL_INVALID");
  }
}

async function postUpdate(
  webhook: string,
  update: object,
  secretToken: string,
  run: (method: string, fields: Fields) => unknown,
): Promise<number> {
  const response = await fetch(webhook, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-telegram-bot-api-secret-token": secretToken,
    },
    body: JSON.stringify(update),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
  if (!response.ok || !isJson) return response.status;
  const { method, ...fields } = JSON.parse(text) as { method?: string };
  // As Telegram: a method in the answer is run, and nobody is told how it went.
  if (method !== undefined) outcome(() => run(method, fields));
  return response.status;
}
