/**
 * What LINE refuses of a message object, as far as a sender can get it wrong.
 * https://developers.line.biz/en/reference/messaging-api/#message-objects
 */
type Json = Record<string, unknown>;

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const graphemes = (text: string) => [...segmenter.segment(text)].length;
const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
const quickOnly = ["camera", "cameraRoll", "location"];

/** Everything wrong with the messages of one request. `ownOrigin` may serve media without https. */
export function findFaults(messages: unknown, ownOrigin?: string): string[] {
  if (!Array.isArray(messages) || messages.length < 1 || messages.length > 5) {
    return ["messages: 1 to 5 message objects are wanted"];
  }
  return messages.flatMap((message: unknown, index) => {
    const at = `messages[${index}]`;
    if (!isObject(message)) return [`${at}: not an object`];
    return [
      ...messageFaults(message, at, ownOrigin),
      ...senderFaults(message["sender"], `${at}.sender`),
      ...quickReplyFaults(message["quickReply"], `${at}.quickReply`, index === messages.length - 1),
    ];
  });
}

function messageFaults(message: Json, at: string, ownOrigin?: string): string[] {
  const link = (name: string) => urlFaults(message[name], `${at}.${name}`, ownOrigin);
  switch (message["type"]) {
    case "text":
      return units(message["text"], `${at}.text`, 5000);
    case "sticker":
      return [
        ...units(message["packageId"], `${at}.packageId`, 100),
        ...units(message["stickerId"], `${at}.stickerId`, 100),
      ];
    case "image":
    case "video":
      return [...link("originalContentUrl"), ...link("previewImageUrl")];
    case "audio": {
      const { duration } = message;
      const isTime = Number.isInteger(duration) && Number(duration) > 0;
      return [
        ...link("originalContentUrl"),
        ...(isTime ? [] : [`${at}.duration: no milliseconds`]),
      ];
    }
    case "location":
      return [
        ...units(message["title"], `${at}.title`, 100),
        ...units(message["address"], `${at}.address`, 100),
        ...["latitude", "longitude"].flatMap((name) =>
          typeof message[name] === "number" ? [] : [`${at}.${name}: not a number`],
        ),
      ];
    case "template":
    case "imagemap":
      return [
        ...units(message["altText"], `${at}.altText`, 1500),
        ...actionFaults(message, at, "template", ownOrigin),
      ];
    case "flex":
      return [
        ...units(message["altText"], `${at}.altText`, 1500),
        ...flexFaults(message["contents"], `${at}.contents`, ownOrigin),
      ];
    default:
      return [`${at}.type: LINE has no ${String(message["type"])} message`];
  }
}

/** https://developers.line.biz/en/docs/messaging-api/icon-nickname-switch/ */
function senderFaults(sender: unknown, at: string): string[] {
  if (!isObject(sender)) return sender === undefined ? [] : [`${at}: not an object`];
  const { name, iconUrl } = sender;
  const isReserved = /line/i.test(String(name ?? ""));
  return [
    ...(name === undefined ? [] : units(name, `${at}.name`, 20)),
    ...(isReserved ? [`${at}.name: a reserved word`] : []),
    ...(iconUrl === undefined ? [] : urlFaults(iconUrl, `${at}.iconUrl`)),
  ];
}

function quickReplyFaults(reply: unknown, at: string, isLast: boolean): string[] {
  if (reply === undefined) return [];
  const items = isObject(reply) ? reply["items"] : undefined;
  if (!Array.isArray(items) || items.length < 1 || items.length > 13) {
    return [`${at}.items: 1 to 13 are wanted`];
  }
  return [
    ...(isLast ? [] : [`${at}: shown on the last message only`]),
    ...actionFaults(items, `${at}.items`, "quickReply"),
  ];
}

function flexFaults(container: unknown, at: string, ownOrigin?: string): string[] {
  if (!isObject(container)) return [`${at}: not an object`];
  const bubbles = container["type"] === "carousel" ? container["contents"] : [container];
  if (!Array.isArray(bubbles) || bubbles.length < 1 || bubbles.length > 12) {
    return [`${at}.contents: 1 to 12 bubbles are wanted`];
  }
  const sizes = new Set(bubbles.map((bubble) => (isObject(bubble) ? bubble["size"] : undefined)));
  return [
    ...(bytesOf(container) > 50 * 1024 ? [`${at}: more than 50 KB`] : []),
    ...(bubbles.some((bubble) => bytesOf(bubble) > 30 * 1024)
      ? [`${at}: a bubble over 30 KB`]
      : []),
    ...(sizes.size > 1 ? [`${at}: bubbles of different size`] : []),
    ...actionFaults(container, at, "flex", ownOrigin),
  ];
}

/** Walks a tree: every action, every text component and every picture in it. */
function actionFaults(node: unknown, at: string, where: string, ownOrigin?: string): string[] {
  if (Array.isArray(node)) {
    return node.flatMap((item, index) => actionFaults(item, `${at}[${index}]`, where, ownOrigin));
  }
  if (!isObject(node)) return [];
  const isComponent = where === "flex";
  const own = [
    ...(isComponent && node["type"] === "text" && !node["text"] && !node["contents"]
      ? [`${at}: a text component without text`]
      : []),
    ...(isComponent && node["type"] === "image" ? urlFaults(node["url"], at, ownOrigin) : []),
    ...(isComponent && node["type"] === "button" && !isObject(node["action"])
      ? [`${at}.action: required`]
      : []),
  ];
  const inner = Object.entries(node).flatMap(([name, value]) => {
    const isAction = /^(action|defaultAction)$/.test(name) && isObject(value);
    if (!isAction) return actionFaults(value, `${at}.${name}`, where, ownOrigin);
    const isLabelled = where !== "flex" || node["type"] === "button";
    return oneActionFaults(value, `${at}.${name}`, where, isLabelled);
  });
  return [...own, ...inner];
}

function oneActionFaults(action: Json, at: string, where: string, isLabelled: boolean): string[] {
  const { type, label } = action;
  const max = where === "flex" ? 40 : 20;
  const faults = [
    ...(isLabelled && !label ? [`${at}.label: required`] : []),
    ...(typeof label === "string" && graphemes(label) > max ? [`${at}.label: over ${max}`] : []),
    ...(where !== "quickReply" && quickOnly.includes(String(type))
      ? [`${at}: ${String(type)} is for quick replies`]
      : []),
  ];
  const text = (name: string) =>
    typeof action[name] === "string" && graphemes(action[name]) > 300
      ? [`${at}.${name}: over 300`]
      : [];
  if (type === "postback") {
    return [...faults, ...units(action["data"], `${at}.data`, 300), ...text("displayText")];
  }
  if (type === "datetimepicker") return [...faults, ...units(action["data"], `${at}.data`, 300)];
  if (type === "message")
    return [...faults, ...(action["text"] ? [] : [`${at}.text: required`]), ...text("text")];
  if (type === "uri") {
    const isKnown = /^(https?|line|tel):/.test(String(action["uri"]));
    return [
      ...faults,
      ...units(action["uri"], `${at}.uri`, 1000),
      ...(isKnown ? [] : [`${at}.uri: unknown scheme`]),
    ];
  }
  if (type === "clipboard")
    return [...faults, ...units(action["clipboardText"], `${at}.clipboardText`, 1000)];
  return quickOnly.includes(String(type)) ? faults : [...faults, `${at}.type: unknown`];
}

function units(text: unknown, at: string, max: number): string[] {
  if (typeof text !== "string" || text === "") return [`${at}: required, may not be empty`];
  return text.length > max ? [`${at}: ${text.length} UTF-16 units, at most ${max}`] : [];
}

function urlFaults(url: unknown, at: string, ownOrigin?: string): string[] {
  const isFine =
    typeof url === "string" &&
    url.length <= 2000 &&
    /^[!-~]+$/.test(url) &&
    (url.startsWith("https://") || (ownOrigin !== undefined && url.startsWith(`${ownOrigin}/`)));
  return isFine ? [] : [`${at}: an https URL is wanted`];
}

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
