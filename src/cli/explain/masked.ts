/** `value`, plain JSON, with every text that stands under a name like `replyToken` in it hidden wherever it occurs. */
export function masked<T>(value: T): T {
  let json = JSON.stringify(value);
  for (const secret of new Set(secretTexts(value))) {
    json = json.replaceAll(JSON.stringify(secret).slice(1, -1), "***");
  }
  return JSON.parse(json) as T;
}

/** Shorter ones would hide other things; no token is that short. */
const shortest = 8;
const isSecretName = (name: string) => /(token|secret|password|authorization)$/i.test(name);

function secretTexts(value: unknown, name = ""): readonly string[] {
  if (typeof value === "string") {
    return isSecretName(name) && value.length >= shortest ? [value] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  const under = Array.isArray(value) ? () => name : (key: string) => key;
  return Object.entries(value).flatMap(([key, inner]) => secretTexts(inner, under(key)));
}
