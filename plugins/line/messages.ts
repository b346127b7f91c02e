import { type Static, type TSchema, Type } from "sampan/kit";

/**
 * LINE message objects as this plug-in sends them. Closed, so that a misspelt field is found when rules are tested.
 * Lengths are counted as LINE does: labels and what buttons say in graphemes, everything else in UTF-16 units.
 * https://developers.line.biz/en/reference/messaging-api/#message-objects
 */
const closed = { additionalProperties: false };
const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema);
const text = (maxUnits?: number) =>
  Type.String(maxUnits === undefined ? { minLength: 1 } : { minLength: 1, maxUnits });
const characters = (maxGraphemes: number) => Type.String({ minLength: 1, maxGraphemes });
const url = () => Type.String({ maxLength: 2000, pattern: "^https?://[!-~]+$" });
/** `2026-12-24`, `18:30` or `2026-12-24T18:30`. */
const moment = () =>
  Type.String({ pattern: "^(\\d{4}-\\d\\d-\\d\\d([Tt]\\d\\d:\\d\\d)?|\\d\\d:\\d\\d)$" });

const action = <Name extends string, Fields extends Record<string, TSchema>, Label extends TSchema>(
  type: Name,
  label: Label,
  fields: Fields,
) => Type.Object({ type: Type.Literal(type), label, ...fields }, closed);

/**
 * What a tap does; the longest label depends on where it stands.
 * https://developers.line.biz/en/reference/messaging-api/#action-objects
 */
const actionsWith = <Label extends TSchema>(label: Label) =>
  [
    action("postback", label, {
      data: text(300),
      displayText: maybe(characters(300)),
      text: maybe(characters(300)),
      inputOption: maybe(
        Type.Union([
          Type.Literal("closeRichMenu"),
          Type.Literal("openRichMenu"),
          Type.Literal("openKeyboard"),
          Type.Literal("openVoice"),
        ]),
      ),
      fillInText: maybe(characters(300)),
    }),
    action("message", label, { text: characters(300) }),
    action("uri", label, {
      uri: Type.String({ maxUnits: 1000, pattern: "^(https?|line|tel):" }),
      altUri: maybe(Type.Object({ desktop: maybe(text(1000)) }, closed)),
    }),
    action("datetimepicker", label, {
      data: text(300),
      mode: Type.Union([Type.Literal("date"), Type.Literal("time"), Type.Literal("datetime")]),
      initial: maybe(moment()),
      max: maybe(moment()),
      min: maybe(moment()),
    }),
    action("clipboard", label, { clipboardText: text(1000) }),
  ] as const;
const Action = Type.Union([...actionsWith(characters(20))]);
const FlexAction = Type.Union([...actionsWith(maybe(characters(40)))]);
const ButtonAction = Type.Union([...actionsWith(characters(40))]);
const PictureAction = Type.Union([...actionsWith(maybe(characters(12)))]);
const QuickAction = Type.Union([
  ...actionsWith(characters(20)),
  action("camera", characters(20), {}),
  action("cameraRoll", characters(20), {}),
  action("location", characters(20), {}),
]);

const QuickReply = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          type: Type.Literal("action"),
          imageUrl: maybe(url()),
          action: QuickAction,
        },
        closed,
      ),
      { minItems: 1, maxItems: 13 },
    ),
  },
  closed,
);

const Nickname = Type.Object({ name: maybe(characters(20)), iconUrl: maybe(url()) }, closed);

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
/** Beside a picture or a title there is less room for text. */
const narrow = {
  ...closed,
  if: { anyOf: [{ required: ["title"] }, { required: ["thumbnailImageUrl"] }] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties: { text: { maxGraphemes: 60 } } },
};
const Column = Type.Object(
  {
    thumbnailImageUrl: maybe(url()),
    imageBackgroundColor: maybe(text()),
    title: maybe(characters(40)),
    text: characters(120),
    defaultAction: maybe(FlexAction),
    actions: actions(3),
  },
  narrow,
);
const pictureLook = { imageAspectRatio: maybe(text()), imageSize: maybe(text()) };

const Template = Type.Union([
  Type.Object(
    {
      type: Type.Literal("buttons"),
      ...pictureLook,
      thumbnailImageUrl: maybe(url()),
      imageBackgroundColor: maybe(text()),
      title: maybe(characters(40)),
      text: characters(160),
      defaultAction: maybe(FlexAction),
      actions: actions(4),
    },
    narrow,
  ),
  Type.Object(
    { type: Type.Literal("confirm"), text: characters(240), actions: actions(2, 2) },
    closed,
  ),
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
      columns: Type.Array(Type.Object({ imageUrl: url(), action: PictureAction }, closed), {
        minItems: 1,
        maxItems: 10,
      }),
    },
    closed,
  ),
]);

/**
 * A component of a Flex bubble. How it looks is free, LINE's own simulator is the better judge; what a tap does is
 * checked, as deep as people build.
 */
const component = (depth: number): TSchema =>
  Type.Union([
    Type.Object({
      type: Type.Literal("box"),
      contents: Type.Array(depth > 0 ? component(depth - 1) : Type.Object({ type: text() })),
      action: maybe(FlexAction),
    }),
    Type.Object({ type: Type.Literal("button"), action: ButtonAction }),
    Type.Object({ type: Type.Literal("image"), url: url(), action: maybe(FlexAction) }),
    Type.Object({
      type: Type.Union(
        ["icon", "text", "span", "separator", "filler", "video"].map((name) => Type.Literal(name)),
      ),
      text: maybe(text()),
      action: maybe(FlexAction),
    }),
  ]);
const part = component(5);
const block = () => maybe(part);

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
    action: maybe(FlexAction),
  },
  { ...closed, minProperties: 2, maxBytes: 30 * 1024 },
);
const Carousel = Type.Object(
  {
    type: Type.Literal("carousel"),
    contents: Type.Array(Bubble, { minItems: 1, maxItems: 12 }),
  },
  { ...closed, maxBytes: 50 * 1024 },
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
