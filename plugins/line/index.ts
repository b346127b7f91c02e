import {
  type Channel,
  type ChannelContext,
  type ChannelEvent,
  defineChannel,
  WebhookError,
} from "sampan/kit";
import { createApi, limits } from "./api.ts";
import { botUserId, markRead, media, profile, showTyping } from "./lookup.ts";
import { LineMessage } from "./messages.ts";
import { checkSignature, inOrder, parseWebhook, toChannelEvent } from "./receive.ts";
import { Config, receives } from "./schemas.ts";
import { send } from "./send.ts";
import { createStickers, isSticker } from "./stickers.ts";
import { testing } from "./testing.ts";
import { usage } from "./usage.ts";

const megabyte = 1024 * 1024;

/** LINE Official Accounts, through the Messaging API. */
export default defineChannel({
  name: "line",
  summary: "LINE Official Account (Messaging API)",
  config: Config,
  receives,
  sends: LineMessage,
  batch: 5,
  limits,
  accepts: {
    image: { types: ["image/jpeg", "image/png"], bytes: 10 * megabyte, previewBytes: megabyte },
    video: { types: ["video/mp4"], bytes: 200 * megabyte, previewBytes: megabyte },
    audio: {
      types: ["audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/m4a"],
      bytes: 200 * megabyte,
      duration: true,
    },
  },
  testing,
  create,
});

function create(config: Config, context: ChannelContext): Channel<LineMessage> {
  const api = createApi(config, context);
  const sticker = createStickers(config.stickerUrl ?? "https://stickershop.line-scdn.net", context);
  const secrets = [config.channelSecret].flat();
  // Learnt by check(). Until then every destination counts: the signature has proven the channel.
  let self: string | undefined;
  return {
    receive(call) {
      checkSignature(call, secrets);
      const { destination, events } = parseWebhook(call.body);
      if (destination !== undefined && self !== undefined && destination !== self) {
        context.log.warn("A webhook for another bot was refused", { destination, bot: self });
        throw new WebhookError(403, "destination", `This is ${self}, not ${destination}.`, {
          hint: "channelSecret and channelAccessToken must be of the same LINE channel.",
        });
      }
      const now = context.now();
      return {
        events: inOrder(events)
          .map((event) => toChannelEvent(event, now))
          .filter((event): event is ChannelEvent => event !== undefined),
      };
    },
    send: (delivery, signal) => send(delivery, api, context, signal),
    ...(config.markAsRead !== false && {
      markRead: (mark, signal) => markRead(mark, api, context, signal),
    }),
    media: (ref, signal) =>
      isSticker(ref) ? sticker(ref, signal) : media(ref, api, context, signal),
    profile: (who, signal) => profile(who, api, context, signal),
    signal: (sign, signal) => showTyping(sign, api, signal),
    usage: (signal) => usage(api, context.now(), signal),
    async check(signal) {
      self = (await botUserId(api, signal)) ?? self;
    },
  };
}
