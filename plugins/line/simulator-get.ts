/** What a customer sent, and how often LINE is asked for it before it is ready. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly type: string;
  notReady: number;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

/** What LINE answers to a question: about people, groups, the account, and for the bytes of files. */
export function answerToGet(
  world: {
    readonly contents: ReadonlyMap<string, Content>;
    readonly botUserId: string;
    readonly quota: { readonly limit?: number; readonly used: number };
  },
  path: string,
): Answer {
  const transcoded = /^\/v2\/bot\/message\/([^/]+)\/content\/transcoding$/.exec(path)?.[1];
  if (transcoded !== undefined) {
    const isReady = (world.contents.get(transcoded)?.notReady ?? 0) <= 0;
    return { status: 200, body: { status: isReady ? "succeeded" : "processing" } };
  }
  const content = /^\/v2\/bot\/message\/([^/]+)\/content$/.exec(path)?.[1];
  if (content !== undefined) {
    const file = world.contents.get(content);
    if (file === undefined) return refuse(404, "Not found");
    if (file.notReady-- > 0) return { status: 202, bytes: new Uint8Array() };
    return { status: 200, bytes: file.bytes, type: file.type };
  }
  const user = /^\/v2\/bot\/(?:profile|(?:group|room)\/[^/]+\/member)\/([^/]+)$/.exec(path)?.[1];
  if (user !== undefined) {
    const displayName = `User ${user.slice(-4)}`;
    return { status: 200, body: { userId: user, displayName, language: "ja" } };
  }
  const group = /^\/v2\/bot\/group\/([^/]+)\/summary$/.exec(path)?.[1];
  if (group !== undefined) return { status: 200, body: { groupId: group, groupName: "Group" } };
  if (path === "/v2/bot/info") return { status: 200, body: { userId: world.botUserId } };
  if (path === "/v2/bot/message/quota") return { status: 200, body: quotaOf(world.quota.limit) };
  if (path === "/v2/bot/message/quota/consumption")
    return { status: 200, body: { totalUsage: world.quota.used } };
  return refuse(404, "Not found");
}

export const refuse = (status: number, message: string): Answer => ({ status, body: { message } });

const quotaOf = (limit: number | undefined) =>
  limit === undefined ? { type: "none" } : { type: "limited", value: limit };
