import type { IncomingHttpHeaders } from "node:http";

/** Which of the four inbound endpoints a body was posted to. */
export type Endpoint = "message" | "structured/response" | "receipt" | "event";

type Json = Record<string, unknown>;

const asObject = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const isName = (value: unknown): value is string => typeof value === "string" && value !== "";
const isInstant = (value: unknown) =>
  typeof value === "string" &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));
const isFlat = (value: unknown) =>
  Object.values(asObject(value)).every((item) => typeof item === "string");
const invisible = /[\p{White_Space}\p{Cc}\p{Cf}\p{Variation_Selector}\u2800\u3164\uFFA0]/gu;

/** Everything wrong with one body, in words; empty when Genesys would take it. */
export function findFaults(endpoint: Endpoint, body: unknown, headers: IncomingHttpHeaders) {
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault);
  };
  const type = (headers["content-type"] ?? "").replace(/\s/g, "").toLowerCase();
  must(type === "application/json;charset=utf-8", `content-type is "${headers["content-type"]}"`);
  must(Object.keys(asObject(body)).length > 0, "the body is no JSON object");
  const root = asObject(body);
  const channel = asObject(root["channel"]);
  const person = asObject(endpoint === "receipt" ? channel["to"] : channel["from"]);
  must(isName(person["id"]), "the id of the person is missing");
  must(person["idType"] === "Opaque", "idType is not Opaque");
  must(isInstant(channel["time"]), "channel.time is no UTC instant");
  if (endpoint === "receipt") checkReceipt(root, must);
  if (endpoint === "message" || endpoint === "structured/response") {
    must(isName(channel["messageId"]), "channel.messageId is missing");
    const { customAttributes } = asObject(channel["metadata"]);
    must(isFlat(customAttributes), "customAttributes must be a flat map of strings");
    must(
      asObject(root["metadata"])["customAttributes"] === undefined,
      "customAttributes at the top",
    );
  }
  if (endpoint === "message") checkMessage(root, must);
  if (endpoint === "structured/response") checkResponse(root, must);
  return faults;
}

type Must = (holds: boolean, fault: string) => void;

function checkMessage(root: Json, must: Must): void {
  const content = Array.isArray(root["content"]) ? root["content"] : [];
  const text = typeof root["text"] === "string" ? root["text"] : "";
  must(text.replace(invisible, "") !== "" || content.length > 0, "a ghost: nothing to see");
  must(content.length <= 1, "more than one attachment in a message");
  for (const item of content) {
    const { mediaType, mime, url } = asObject(asObject(item)["attachment"]);
    must(isName(url), "attachment.url is missing");
    must(isName(mime), "attachment.mime is missing");
    const family = String(mime).split("/")[0];
    const fitting = { image: "Image", video: "Video", audio: "Audio" }[family ?? ""] ?? "File";
    must([fitting, "File", "Link"].includes(String(mediaType)), `${mediaType} for ${mime}`);
  }
}

function checkResponse(root: Json, must: Must): void {
  const button = asObject(root["buttonResponse"]);
  must(isName(root["originatingMessageId"]), "originatingMessageId is missing");
  must(
    ["Button", "QuickReply", "DatePicker"].includes(String(button["type"])),
    "unknown button type",
  );
  must(isName(button["text"]), "buttonResponse.text is missing");
  must(isName(button["payload"]), "buttonResponse.payload is missing");
}

const reasonCodes = [
  "MessageExpired",
  "RateLimited",
  "MessageNotAllowed",
  "GeneralError",
  "UnsupportedMessage",
  "UnknownMessage",
  "InvalidMessageStructure",
  "InvalidDestination",
  "ServerError",
  "MediaTypeNotAllowed",
  "InvalidMediaContentLength",
  "RecipientOptedOut",
  "DataFiltered",
];

function checkReceipt(root: Json, must: Must): void {
  const { id, status, reasons = [] } = root;
  must(isName(id), "id is missing");
  must(status === "Delivered" || status === "Failed", `status is ${status}`);
  const list = Array.isArray(reasons) ? reasons.map(asObject) : [];
  must(status !== "Failed" || list.length > 0, "Failed without a reason");
  for (const { code, message } of list) {
    must(reasonCodes.includes(String(code)), `unknown reason code ${code}`);
    must(isName(message), "a reason without a message");
  }
}
