import { isMapping } from "./matchers.ts";
import type { Answer } from "./platform.ts";

const silences = ["timeout-after-accept", "refused"] as const;
const keys = ["status", "headers", "body", "base64", "times", "path", "no-answer"];

/**
 * One entry of `answers:`: a status, `timeout-after-accept`, `refused`, or a mapping with `status`, `headers`,
 * `body` or `base64`, `no-answer`, `times` (a number, or `any`), `path`. A text says what is wrong with it.
 */
export function readAnswer(given: unknown): Answer | string {
  if (typeof given === "number") return { reply: { status: given, body: {} }, left: 1 };
  if (typeof given === "string") {
    const reply = silenceOf(given);
    return reply === undefined ? unknown(given) : { reply, left: 1 };
  }
  if (!isMapping(given)) return "an answer is a status, a word or a mapping with status:";
  const odd = Object.keys(given).find((key) => !keys.includes(key));
  if (odd !== undefined)
    return `there is no key "${odd}" in an answer; there are ${keys.join(", ")}`;
  const { status, headers, body = {}, base64, times = 1, path, "no-answer": how } = given;
  const isAny = times === "any";
  if (!isAny && !(Number.isInteger(times) && Number(times) > 0)) {
    return "times: must be a whole number from 1, or any";
  }
  const left = isAny ? Number.POSITIVE_INFINITY : Number(times);
  const rest = { left, ...(typeof path === "string" && { path }) };
  if (how !== undefined) {
    const reply = silenceOf(how);
    return reply === undefined ? unknown(how) : { reply, ...rest };
  }
  if (typeof status !== "number") return "an answer needs status: or no-answer:";
  const content = typeof base64 === "string" ? Buffer.from(base64, "base64") : body;
  const named = isMapping(headers) ? Object.entries(headers) : [];
  const lower = named.map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    reply: {
      status,
      headers: Object.fromEntries(lower) as Record<string, string>,
      body: content,
    },
    ...rest,
  };
}

const silenceOf = (word: unknown) => silences.find((each) => each === word);

const unknown = (word: unknown) =>
  `there is no answer ${JSON.stringify(word)}; there are a status, ${silences.join(", ")}`;
