import { type Static, type TSchema, Type } from "sampan/kit";

/**
 * LINE message objects as this plug-in sends them. Closed, so that a misspelt field is found when rules are tested.
 * JSON Schema counts code points where LINE counts UTF-16 units or graphemes: a limit is given only where it can
 * never refuse what LINE takes. https://developers.line.biz/en/reference/messaging-api/#message-objects
 */
const closed = { additionalProperties: false };
const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema);
const text = (maxLength?: number) =>
  Type.String(maxLength === undefined ? { minLength: 1 } : { minLength: 1, maxLength });
const url = () => Type.String({ maxLength: 2000, pattern: "^https?://[!-~]+$" });
/** `2026-12-24`, `18:30` or `2026-12-24T18:30`. */
const moment = () =>
  Type.String({ pattern: "^(\\d{4}-\\d\\d-\\d\\d([Tt]\\d\\d:\\d\\d)?|\\d\\d:\\d\\d)$" });
const label = () => Type.String({ minLength: 1 });

const action = <Name extends string, Fields extends Record<string, TSchema>>(
  type: Name,
  fields: Fields,
) => Type.Object({ type: Type.Literal(type), label: maybe(label()), ...fields }, closed);

/** What a tap does. https://developers.line.biz/en/reference/messaging-api/#action-objects */
const shared = [
  action("postback", {
    data: text(300),
    displayText: maybe(label()),
    text: maybe(label()),
    inputOption: maybe(
      Type.Union([
        Type.Literal("closeRichMenu"),
        Type.Literal("openRichMenu"),
        Type.Literal("openKeyboard"),
        Type.Literal("openVoice"),
      ]),
    ),
    fillInText: maybe(label()),
  }),
  action("message", { text: label() }),
  action("uri", {
    uri: Type.String({ maxLength: 1000, pattern: "^(https?|line|tel):" }),
    altUri: maybe(Type.Object({ desktop: maybe(text(1000)) }, closed)),
  }),
  action("datetimepicker", {
    data: text(300),
    mode: Type.Union([Type.Literal("date"), Type.Literal("time"), Type.Literal("datetime")]),
    initial: maybe(moment()),
    max: maybe(moment()),
    min: maybe(moment()),
  }),
  action("clipboard", { clipboardText: text(1000) }),
] as const;
const quickOnly = [action("camera", {}), action("cameraRoll", {}), action("location", {})] as const;
const Action = Type.Union([...shared]);

const QuickReply = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          type: Type.Literal("action"),
          imageUrl: maybe(url()),
          action: Type.Union([...shared, ...quickOnly]),
        },
        closed,
      ),
      { minItems: 1, maxItems: 13 },
    ),
  },
  closed,
);

const Nickname = Type.Object({ name: maybe(label()), iconUrl: maybe(url()) }, closed);

const message = <Name extends string, Fields extends Record<string, TSchema>>(
  type: Name,
  fields: Fields,
) =>
  Type.Object(
    {
      type: Type.Literal(type),
      quickReply: maybe(QuickReply),
      sender: maybe(Nickname),
      ...fields,
    },
    closed,
  );

const actions = (maxItems: number, minItems = 1) => Type.Array(Action, { minItems, maxItems });
const Column = Type.Object(
  {
    thumbnailImageUrl: maybe(url()),
    imageBackgroundColor: maybe(text()),
    title: maybe(label()),
    text: label(),
    defaultAction: maybe(Action),
    actions: actions(3),
  },
  closed,
);
const pictureLook = { imageAspectRatio: maybe(text()), imageSize: maybe(text()) };

const Template = Type.Union([
  Type.Object(
    {
      type: Type.Literal("buttons"),
      ...pictureLook,
      thumbnailImageUrl: maybe(url()),
      imageBackgroundColor: maybe(text()),
      title: maybe(label()),
      text: label(),
      defaultAction: maybe(Action),
      actions: actions(4),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal("confirm"), text: label(), actions: actions(2, 2) }, closed),
  Type.Object(
    {
      type: Type.Literal("carousel"),
      ...pictureLook,
      columns: Type.Array(Column, { minItems: 1, maxItems: 10 }),
    },
    closed,
  ),
  Type.Object(
    {
      type: Type.Literal("image_carousel"),
      columns: Type.Array(Type.Object({ imageUrl: url(), action: Action }, closed), {
        minItems: 1,
        maxItems: 10,
      }),
    },
    closed,
  ),
]);

/** Flex is checked down to its bubbles; what stands inside is free: LINE's own simulator is the better judge. */
const block = () => maybe(Type.Object({ type: text() }));
const Bubble = Type.Object(
  {
    type: Type.Literal("bubble"),
    size: maybe(text()),
    direction: maybe(text()),
    header: block(),
    hero: block(),
    body: block(),
    footer: block(),
    styles: maybe(Type.Object({})),
    action: maybe(Action),
  },
  { ...closed, minProperties: 2 },
);
const Carousel = Type.Object(
  {
    type: Type.Literal("carousel"),
    contents: Type.Array(Bubble, { minItems: 1, maxItems: 12 }),
  },
  closed,
);

const Emoji = Type.Object(
  { index: Type.Integer({ minimum: 0 }), productId: text(), emojiId: text() },
  closed,
);

/** One LINE message object. */
export const LineMessage = Type.Union([
  message("text", {
    text: text(5000),
    emojis: maybe(Type.Array(Emoji, { maxItems: 20 })),
    quoteToken: maybe(text()),
  }),
  message("sticker", { packageId: text(), stickerId: text(), quoteToken: maybe(text()) }),
  message("image", { originalContentUrl: url(), previewImageUrl: url() }),
  message("video", {
    originalContentUrl: url(),
    previewImageUrl: url(),
    trackingId: maybe(text(100)),
  }),
  message("audio", { originalContentUrl: url(), duration: Type.Integer({ minimum: 1 }) }),
  message("location", {
    title: text(100),
    address: text(100),
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
  }),
  message("template", { altText: text(1500), template: Template }),
  message("flex", { altText: text(1500), contents: Type.Union([Bubble, Carousel]) }),
  message("imagemap", {
    baseUrl: url(),
    altText: text(1500),
    baseSize: Type.Object({ width: Type.Literal(1040), height: Type.Integer() }, closed),
    video: maybe(Type.Object({})),
    actions: Type.Array(Type.Object({ type: text() }), { maxItems: 50 }),
  }),
]);
export type LineMessage = Static<typeof LineMessage>;
