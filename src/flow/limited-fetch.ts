import type { Fetch, FetchResponse } from "../kit/index.ts";
import type { Gate } from "./gate.ts";

/** `fetch` as one channel gets it: calls that name their endpoint are counted, and their answers learnt from. */
export function limitedFetch(fetch: Fetch, gate: Gate): Fetch {
  return async (url, options = {}) => {
    const { endpoint } = options;
    if (endpoint === undefined) return fetch(url, options);
    gate.calling(endpoint);
    let answer: FetchResponse | undefined;
    try {
      answer = await fetch(url, options);
      return answer;
    } finally {
      gate.limits.called(endpoint, answer);
    }
  };
}
