import type { Channel, ChannelContext, Delivery, Fetch, Static } from "sampan/kit";
import { SendError } from "sampan/kit";
import genesys from "./index.ts";
import type { Outgoing } from "./schemas.ts";
import { startGenesysSimulator } from "./simulator.ts";

/** What the tests of this folder share: a simulator, a channel that speaks to it, and a clock in hand. */
export const account = {
  clientId: "client",
  clientSecret: "client-secret",
  integrationId: "integration",
  webhookSecret: "a-secret-longer-than-15",
};

interface FetchedCall {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly untrusted: boolean;
}

/** The core's fetch, as far as the plug-in can tell, over real HTTP. `calls` is what it was asked for. */
function createFetch(calls: FetchedCall[]): Fetch {
  return async (url, { method = "GET", headers = {}, body, streamed, untrusted = false } = {}) => {
    calls.push({ url, authorization: headers["Authorization"], untrusted });
    const init = { method, headers, redirect: "manual" as const };
    const answer = await fetch(
      url,
      body === undefined ? init : { ...init, body: Buffer.from(body) },
    ).catch((cause: unknown) => {
      throw new SendError("unsure", "unavailable", "no answer", { cause });
    });
    const head = { status: answer.status, headers: Object.fromEntries(answer.headers) };
    if (!streamed) return { ...head, text: await answer.text() };
    return answer.body === null
      ? { ...head, text: "" }
      : { ...head, text: "", stream: answer.body };
  };
}

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export async function startAccount(options: { readonly tokenLife?: number } = {}) {
  const simulator = await startGenesysSimulator({ ...account, ...options });
  const clock = { now: Date.parse("2026-09-15T00:00:00.000Z") };
  const calls: FetchedCall[] = [];
  const channel = createChannel({ loginUrl: simulator.url, apiUrl: simulator.url }, clock, calls);
  return { simulator, channel, clock, calls, [Symbol.asyncDispose]: () => simulator.close() };
}

export function createChannel(
  settings: Partial<Static<typeof genesys.config>>,
  clock = { now: 0 },
  calls: FetchedCall[] = [],
): Required<Pick<Channel<Outgoing>, "receive" | "send" | "report" | "media" | "check">> {
  const context: ChannelContext = {
    id: "genesys",
    log: quiet,
    fetch: createFetch(calls),
    state: {
      get: async () => undefined,
      set: async () => {},
      delete: async () => {},
      take: async () => undefined,
    },
    now: () => clock.now,
  };
  const config = { region: "mypurecloud.com", ...account, ...settings };
  const { receive, send, report, media, check } = genesys.create(config, context);
  if (!receive || !send || !report || !media || !check) throw new Error("an ability is missing");
  return { receive, send, report, media, check };
}

export function delivery(...payloads: Outgoing[]): Delivery<Outgoing> {
  return {
    key: "00000000-0000-4000-8000-000000000001",
    attempt: 1,
    createdAt: 0,
    conversation: { id: "U1", type: "person" },
    payloads,
    begin: async () => {},
  };
}

export const channelOf = (messageId: string, from = "U1") => ({
  from: { id: from, idType: "Opaque" as const, nickname: "Somchai" },
  messageId,
  time: "2026-09-15T00:00:00.000Z",
});

export const idle = new AbortController().signal;
