import { type ChannelContext, type Fetch, SendError } from "sampan/kit";

/** A context for this plug-in's tests: real HTTP, state in memory, a clock that the test sets. */
export function testContext() {
  const kept = new Map<string, string>();
  const warnings: string[] = [];
  const clock = { now: Date.now() };
  const context: ChannelContext = {
    id: "line",
    log: {
      debug: () => {},
      info: () => {},
      warn: (message) => warnings.push(message),
      error: (message) => warnings.push(message),
    },
    fetch,
    state: {
      get: async (name) => kept.get(name),
      set: async (name, value) => void kept.set(name, value),
      delete: async (name) => void kept.delete(name),
      take: async (name) => {
        const value = kept.get(name);
        kept.delete(name);
        return value;
      },
    },
    now: () => clock.now,
  };
  return { context, kept, warnings, clock };
}

const fetch: Fetch = async (url, { method = "GET", headers, body, signal, streamed } = {}) => {
  const options = { method, ...(headers && { headers }), ...(signal && { signal }) };
  const text = body instanceof Uint8Array ? Buffer.from(body) : body;
  const response = await globalThis
    .fetch(url, { ...options, ...(text === undefined ? {} : { body: text }) })
    .catch((cause) => {
      throw new SendError("unsure", "unavailable", "no answer", { cause });
    });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: streamed ? "" : await response.text(),
    ...(streamed && response.body ? { stream: response.body } : {}),
  };
};
