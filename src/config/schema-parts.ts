import { Type } from "../kit/index.ts";

export const closed = { additionalProperties: false };
export const maybe = Type.Optional;

/** `30s`, `15m`, `24h`, `7d`. */
export const Duration = (fallback: string, description: string) =>
  Type.String({ pattern: "^[0-9]+(ms|s|m|h|d)$", default: fallback, description });

/** `500KiB`, `1MiB`, `10GiB`, or a plain number of bytes. */
export const Size = (fallback: string, description: string) =>
  Type.Union(
    [
      Type.Integer({ minimum: 1 }),
      Type.String({ pattern: "^[0-9]+(B|[kKMG]i?B)?$", description: "such as 1MiB" }),
    ],
    { default: fallback, description },
  );
