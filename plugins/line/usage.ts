import type { Usage } from "sampan/kit";
import { type Api, jsonOf, refusal } from "./api.ts";

/** LINE's months are Japan's. */
const zoneMs = 9 * 3_600_000;

/**
 * The month's messages that cost something: pushes, and what is sent by hand in LINE Official Account Manager. Replies do
 * not count. LINE's number is an approximation. https://developers.line.biz/en/reference/messaging-api/#get-quota
 */
export async function usage(
  api: Api,
  now: number,
  signal: AbortSignal,
): Promise<Usage | undefined> {
  const [quota, consumption] = await Promise.all([
    api.get("/v2/bot/message/quota", signal),
    api.get("/v2/bot/message/quota/consumption", signal),
  ]);
  for (const response of [quota, consumption]) {
    if (response.status !== 200) throw refusal("a request for the quota", response);
  }
  const { value } = jsonOf(quota);
  const { totalUsage } = jsonOf(consumption);
  if (typeof totalUsage !== "number") return undefined;
  return { used: totalUsage, ...(typeof value === "number" && { limit: value }), ...monthOf(now) };
}

function monthOf(now: number): { since: number; until: number } {
  const there = new Date(now + zoneMs);
  const [year, month] = [there.getUTCFullYear(), there.getUTCMonth()];
  return {
    since: Date.UTC(year, month, 1) - zoneMs,
    until: Date.UTC(year, month + 1, 1) - zoneMs,
  };
}
