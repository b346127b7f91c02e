/** At most so many calls within any so many milliseconds. */
export interface Rate {
  readonly calls: number;
  readonly perMs: number;
}

/** The text of a rate: `2000/s`, `300/m`. */
export const ratePattern = "^[1-9][0-9]{0,8}/(s|m|h|d)$";

const milliseconds = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `300/m` → 300 calls per 60 000 ms; undefined when it is no rate. */
export function toRate(text: string): Rate | undefined {
  if (!new RegExp(ratePattern).test(text)) return undefined;
  const [calls, unit] = text.split("/");
  return { calls: Number(calls), perMs: milliseconds[unit as keyof typeof milliseconds] };
}
