type Json = Record<string, unknown>;

/**
 * The event that LINE sends when somebody taps the newest button with this label; `params`: what they chose in a
 * picker, or the id of the picture that they took. Throws when there is no such button, when it tells the bot nothing, and for what its picker does not offer.
 */
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
  return { source: { type: "user", userId }, ...consequenceOf(action, label, params) };
}

function consequenceOf(action: Json, label: string, params: Json | undefined): Json {
  switch (action["type"]) {
    case "message":
      return { type: "message", message: { type: "text", text: action["text"] } };
    case "camera":
    case "cameraRoll":
      return {
        type: "message",
        message: { type: "image", contentProvider: { type: "line" }, ...params },
      };
    case "location":
      return {
        type: "message",
        message: { type: "location", latitude: 35.7148, longitude: 139.7967 },
      };
    case "uri":
    case "clipboard":
      throw new Error(`"${label}" is of type ${action["type"]}: it sends nothing to the bot`);
    case "datetimepicker":
      refuseOutside(action, params);
  }
  return { type: "postback", postback: { data: action["data"], ...(params ? { params } : {}) } };
}

/** As the picker of a phone: it offers what lies between min and max, and gives what its mode says. */
function refuseOutside({ mode, min, max }: Json, params: Json | undefined): void {
  const chosen = params?.[String(mode)];
  if (typeof chosen !== "string") throw new Error(`The picker gives params: { ${mode}: … }`);
  const isBelow = typeof min === "string" && chosen < min;
  const isAbove = typeof max === "string" && chosen > max;
  if (isBelow || isAbove) throw new Error(`The picker offers ${min} to ${max}, not ${chosen}`);
}

function actionsIn(node: unknown): Json[] {
  if (Array.isArray(node)) return node.flatMap(actionsIn);
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => [
    ...(/^action$|^defaultAction$/.test(name) ? [value as Json] : []),
    ...actionsIn(value),
  ]);
}
