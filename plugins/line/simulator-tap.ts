type Json = Record<string, unknown>;

/** The event that LINE sends when somebody taps the newest button with this label. Throws when there is none. */
export function tapEvent(
  shown: readonly Json[],
  userId: string,
  label: string,
  params?: Json,
): Json {
  const actions = shown.flatMap(actionsIn);
  const action = actions.findLast((one) => one["label"] === label);
  if (action === undefined) {
    const labels = actions.map((one) => String(one["label"])).join(", ");
    throw new Error(`No button "${label}" was shown to ${userId}; shown: ${labels}`);
  }
  const source = { type: "user", userId };
  if (action["type"] === "message") {
    return { type: "message", source, message: { type: "text", text: action["text"] } };
  }
  const postback = { data: action["data"], ...(params ? { params } : {}) };
  return { type: "postback", source, postback };
}

function actionsIn(node: unknown): Json[] {
  if (Array.isArray(node)) return node.flatMap(actionsIn);
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => [
    ...(/^action$|^defaultAction$/.test(name) ? [value as Json] : []),
    ...actionsIn(value),
  ]);
}
