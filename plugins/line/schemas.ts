import { Secret, type Static, type TSchema, Type } from "sampan/kit";

const text = () => Type.String();
const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema);
const whole = () => Type.Number();

/** `with:` of a LINE channel in gateway.yaml. */
/** https://developers.line.biz/en/docs/messaging-api/icon-nickname-switch/ */
const nickname = (description: string) =>
  Type.Object(
    {
      name: maybe(
        Type.String({ description: "At most 20 characters; LINE refuses its own name in it" }),
      ),
      icon: maybe(
        Type.String({
          pattern: "^https://",
          maxLength: 2000,
          description: "A square PNG of at most 1 MB",
        }),
      ),
    },
    { additionalProperties: false, description },
  );

export const Config = Type.Object(
  {
    channelSecret: Type.Union(
      [
        Secret({ description: "LINE Developers Console, Basic settings, Channel secret" }),
        Type.Array(Secret(), { minItems: 1 }),
      ],
      { description: "One secret, or while it is exchanged a list: any of them may have signed" },
    ),
    channelAccessToken: Secret({ description: "Console, Messaging API, Channel access token" }),
    apiUrl: maybe(
      Type.String({
        default: "https://api.line.me",
        description: "The API host, for tests and proxies",
      }),
    ),
    dataUrl: maybe(
      Type.String({
        default: "https://api-data.line.me",
        description: "The host of images, videos and files, for tests and proxies",
      }),
    ),
    stickerUrl: maybe(
      Type.String({
        default: "https://stickershop.line-scdn.net",
        description: "The host of stickers' pictures, for tests and proxies",
      }),
    ),
    markAsRead: maybe(
      Type.Boolean({
        default: true,
        description:
          "Show the customer that a message was read once the other side has it; only where the account's chat is on",
      }),
    ),
    agent: maybe(nickname("Who agents are shown as, such as the company's care team")),
    bot: maybe(nickname("Who bots are shown as")),
    language: maybe(
      Type.String({
        default: "en",
        description:
          "What layouts and notices are worded in where the customer's language is not known: en, ja, th, zh or ko",
      }),
    ),
    stickers: maybe(
      Type.Union([Type.Literal("line-cdn"), Type.Literal("off")], {
        default: "line-cdn",
        description: "Show stickers as LINE's own picture, or as their words only",
      }),
    ),
  },
  { additionalProperties: false },
);
export type Config = Static<typeof Config>;

const Source = Type.Object({
  type: text(),
  userId: maybe(text()),
  groupId: maybe(text()),
  roomId: maybe(text()),
});

/**
 * What all events share. Much is optional that LINE's OpenAPI requires: older events lack it.
 * https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
 */
const event = (fields: Record<string, TSchema> = {}) =>
  Type.Object({
    type: text(),
    mode: maybe(text()),
    timestamp: maybe(whole()),
    source: Source,
    webhookEventId: maybe(text()),
    deliveryContext: maybe(Type.Object({ isRedelivery: maybe(Type.Boolean()) })),
    replyToken: maybe(text()),
    ...fields,
  });

const message = (fields: Record<string, TSchema>) =>
  event({
    message: Type.Object({
      id: text(),
      type: text(),
      quoteToken: maybe(text()),
      quotedMessageId: maybe(text()),
      markAsReadToken: maybe(text()),
      ...fields,
    }),
  });

const written = {
  text: text(),
  emojis: maybe(
    Type.Array(
      Type.Object({
        index: whole(),
        length: whole(),
        productId: maybe(text()),
        emojiId: maybe(text()),
      }),
    ),
  ),
  mention: maybe(
    Type.Object({
      mentionees: maybe(
        Type.Array(
          Type.Object({
            index: whole(),
            length: whole(),
            type: maybe(text()),
            userId: maybe(text()),
            isSelf: maybe(Type.Boolean()),
          }),
        ),
      ),
    }),
  ),
};

const kept = {
  contentProvider: maybe(
    Type.Object({
      type: text(),
      originalContentUrl: maybe(text()),
      previewImageUrl: maybe(text()),
    }),
  ),
};
const clip = { duration: maybe(whole()), ...kept };
const members = Type.Object({
  members: Type.Array(Type.Object({ type: maybe(text()), userId: maybe(text()) })),
});

/** Native kinds as rules name them, with the type of `event`. Unknown fields and enum values are allowed. */
export const receives = {
  "message.text": message(written),
  "message.image": message({
    ...kept,
    imageSet: maybe(Type.Object({ id: text(), index: maybe(whole()), total: maybe(whole()) })),
  }),
  "message.video": message(clip),
  "message.audio": message(clip),
  "message.file": message({ fileName: maybe(text()), fileSize: maybe(whole()) }),
  "message.location": message({
    title: maybe(text()),
    address: maybe(text()),
    latitude: whole(),
    longitude: whole(),
  }),
  "message.sticker": message({
    packageId: maybe(text()),
    stickerId: text(),
    stickerResourceType: maybe(text()),
    keywords: maybe(Type.Array(text())),
    text: maybe(text()),
  }),
  messageEdited: message({ ...written, text: maybe(text()) }),
  unsend: event({ unsend: Type.Object({ messageId: text() }) }),
  postback: event({
    postback: Type.Object({
      data: text(),
      params: maybe(
        Type.Object({
          date: maybe(text()),
          time: maybe(text()),
          datetime: maybe(text()),
          newRichMenuAliasId: maybe(text()),
          status: maybe(text()),
        }),
      ),
    }),
  }),
  follow: event({ follow: maybe(Type.Object({ isUnblocked: maybe(Type.Boolean()) })) }),
  unfollow: event(),
  join: event(),
  leave: event(),
  memberJoined: event({ joined: members }),
  memberLeft: event({ left: members }),
  beacon: event({
    beacon: Type.Object({ hwid: text(), type: text(), dm: maybe(text()) }),
  }),
  accountLink: event({ link: Type.Object({ result: text(), nonce: maybe(text()) }) }),
  membership: event({
    membership: Type.Object({ type: text(), membershipId: maybe(whole()) }),
  }),
  videoPlayComplete: event({ videoPlayComplete: Type.Object({ trackingId: text() }) }),
} satisfies Record<string, TSchema>;
