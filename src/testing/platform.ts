import type { Channel, ChannelPlugin, Fetch, Receipt } from "../kit/index.ts";
import { SendError } from "../kit/index.ts";
import { type ScriptedAnswer, scriptedFetch } from "../kit/testing/scripted-fetch.ts";

/** One HTTP request as a test lists it. */
export interface Request {
  readonly method: string;
  readonly host: string;
  /** Without the query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON as its value. */
  readonly body?: unknown;
}

/** What a test says the platform answers next. */
export interface Answer {
  readonly reply: ScriptedAnswer | "timeout-after-accept" | "refused";
  /** Only to requests whose path contains this; otherwise to what is sent, not to lookups. */
  readonly path?: string;
  left: number;
}

export interface ToldReceipt extends Receipt {
  readonly request?: Request;
}

/** The far side of one channel: what it was asked, what it answers, what it was told. */
export interface Platform {
  readonly fetch: Fetch;
  readonly requests: Request[];
  /** Names, files, logins. */
  readonly lookups: Request[];
  readonly receipts: ToldReceipt[];
  readonly answers: Answer[];
  /** The channel, watched: each request is known by what the channel was doing when it made it. */
  watch(channel: Channel): Channel;
}

export function createPlatform(plugin: ChannelPlugin): Platform {
  let doing: PropertyKey | undefined;
  let receiptRequest: Request | undefined;
  const answers: Answer[] = [];
  const requests: Request[] = [];
  const lookups: Request[] = [];
  const receipts: ToldReceipt[] = [];

  const { fetch } = scriptedFetch((made) => {
    const request = readable(made);
    const usual = plugin.testing?.answer?.(made) ?? { status: 200, body: {} };
    const isLookup = usual.lookup === true || doing === "media" || doing === "profile";
    if (isLookup) lookups.push(request);
    else if (doing === "report") receiptRequest = request;
    else requests.push(request);
    const answer = answers.find(
      ({ path, left }) =>
        left > 0 && (path === undefined ? !isLookup : request.path.includes(path)),
    );
    if (answer === undefined) return usual;
    answer.left -= 1;
    return typeof answer.reply === "string" ? silence[answer.reply]() : answer.reply;
  });

  /** Runs one ability to its end. Jobs are worked on one at a time, so nothing else runs meanwhile. */
  async function during(name: PropertyKey, work: () => unknown, told: unknown): Promise<unknown> {
    const before = doing;
    doing = name;
    try {
      return await work();
    } finally {
      doing = before;
      if (name === "report") {
        receipts.push({ ...(told as Receipt), ...(receiptRequest && { request: receiptRequest }) });
        receiptRequest = undefined;
      }
    }
  }

  return {
    fetch,
    requests,
    lookups,
    receipts,
    answers,
    watch: (channel) =>
      new Proxy(channel, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name, target);
          if (typeof member !== "function") return member;
          if (!watched.has(name)) return member.bind(target);
          return (...given: unknown[]) =>
            during(name, () => Reflect.apply(member, target, given), given[0]);
        },
      }),
  };
}

const watched: ReadonlySet<PropertyKey> = new Set([
  "send",
  "report",
  "media",
  "profile",
  "signal",
  "check",
]);

/** How no answer comes, as the core's `fetch` tells it. */
const silence = {
  "timeout-after-accept": () => new SendError("unsure", "unavailable", "no answer came in time"),
  refused: () => new SendError("retry", "unavailable", "the connection was refused"),
};

function readable(made: {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}): Request {
  const { host, pathname, searchParams } = new URL(made.url);
  const headers = Object.entries(made.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: made.method,
    host,
    path: pathname,
    ...(searchParams.size > 0 && { query: Object.fromEntries(searchParams) }),
    headers: Object.fromEntries(headers) as Record<string, string>,
    ...(made.body !== undefined && { body: made.body }),
  };
}
