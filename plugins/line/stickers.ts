import { type ChannelContext, type FetchResponse, type Media, SendError } from "sampan/kit";

/** What a rule names as the `ref` of a sticker's picture: `sticker:<sticker id>:<resource type>`. */
const reference = /^sticker:([^:]+):([A-Z_]*)$/;

export const isSticker = (ref: string): boolean => reference.test(ref);

/** A customer's message waits no longer for an ornament. */
const patienceMs = 4000;
const patienceForOneMs = 2000;
/** A host that did not answer is left alone for so long. */
const leftAloneMs = 300_000;

/**
 * Pictures of stickers, from LINE's public host of them. LINE documents no way to get them: these addresses are what
 * public repositories use, so every one of them may be missing.
 */
export function createStickers(
  stickerUrl: string,
  { fetch, now, log }: ChannelContext,
): (ref: string, signal: AbortSignal) => Promise<Media> {
  const base = `${stickerUrl.replace(/\/+$/, "")}/stickershop/v1/sticker`;
  let askAgainAt = 0;
  return async (ref, signal) => {
    const [, id = "", type = ""] = reference.exec(ref) ?? [];
    if (now() < askAgainAt) throw silent();
    const enough = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    for (const path of pathsOf(type)) {
      const url = `${base}/${encodeURIComponent(id)}/${path}`;
      const options = { signal: enough, timeoutMs: patienceForOneMs, streamed: true };
      const response = await fetch(url, options).catch((cause: unknown) => {
        askAgainAt = now() + leftAloneMs;
        log.warn("pictures of stickers cannot be had; they are drawn for a while");
        throw silent(cause);
      });
      const media = toMedia(response);
      if (media !== undefined) return media;
      await readOut(response);
    }
    throw new SendError("reject", "expired", `LINE's host has no picture of sticker ${id}.`);
  };
}

/** From the one that shows most to the one that is surest to be there. */
function pathsOf(type: string): readonly string[] {
  const still = ["android/sticker.png", "iPhone/sticker@2x.png", "iPhone/sticker_key.png"];
  if (type.startsWith("ANIMATION"))
    return ["iPhone/sticker_animation@2x.png", "android/sticker_animation.png", ...still];
  if (type.startsWith("POPUP"))
    return ["iPhone/sticker_popup.png", "android/sticker_popup.png", ...still];
  // The words on these are the customer's own; the base is the picture without them.
  if (type === "MESSAGE" || type === "PER_STICKER_TEXT")
    return [...still, "iPhone/base/plus/sticker_key.png"];
  if (type === "CUSTOM" || type === "NAME_TEXT") return [...still, "iPhone/base/sticker_key.png"];
  return still;
}

function toMedia({ status, headers, stream }: FetchResponse): Media | undefined {
  const type = (headers["content-type"] ?? "image/png").split(";", 1)[0]?.trim() ?? "";
  const isPicture = /^(image\/|application\/octet-stream$|binary\/octet-stream$)/.test(type);
  if (status !== 200 || stream === undefined || !isPicture) return undefined;
  return { type, body: stream, shared: true };
}

async function readOut({ stream }: FetchResponse): Promise<void> {
  for await (const _ of stream ?? []) {
    // To the end, so that the connection can be used again.
  }
}

const silent = (cause?: unknown) =>
  new SendError("retry", "unavailable", "LINE's host of sticker pictures does not answer.", {
    ...(cause === undefined ? {} : { cause }),
  });
