import { type Static, type TProperties, type TSchema, Type } from "typebox";

/**
 * The canonical message: the form in which all channels meet. Plain JSON, discriminated by `kind`.
 * It owes nothing to any platform.
 */

const text = (description?: string) =>
  Type.String(description === undefined ? {} : { description });
const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema);

/** A file. `ref` is fetched through the source channel's `media` and becomes a `url` of ours. */
export const Asset = Type.Object({
  ref: maybe(Type.String({ description: "What the source channel's media() takes" })),
  url: maybe(Type.String({ description: "Public; used as it stands" })),
  type: maybe(Type.String({ description: "MIME type" })),
  name: maybe(text("Of the file, with its ending")),
  bytes: maybe(Type.Integer()),
  width: maybe(Type.Integer()),
  height: maybe(Type.Integer()),
  durationMs: maybe(Type.Integer()),
  preview: maybe(Type.String({ description: "URL of a small JPEG or PNG picture" })),
  alt: maybe(
    Type.String({ description: "What a picture shows, in words; drawn when it cannot be had" }),
  ),
});
export type Asset = Static<typeof Asset>;

/** What a button does. */
export const Do = Type.Object({
  reply: maybe(Type.Object({ text: text("Said as if it was typed") })),
  postback: maybe(
    Type.Object({ data: text("Comes back, and nobody sees it"), shows: maybe(text("Said too")) }),
  ),
  open: maybe(Type.Object({ url: text("Opens in a browser") })),
  pick: maybe(
    Type.Object({
      data: maybe(text("Comes back beside what was picked")),
      mode: Type.Union([Type.Literal("date"), Type.Literal("time"), Type.Literal("datetime")]),
      initial: maybe(text("ISO 8601, as the mode says")),
      min: maybe(text("The earliest")),
      max: maybe(text("The latest")),
    }),
  ),
  share: maybe(
    Type.Object({ what: text("What the customer is asked for: location, camera, photo") }),
  ),
  copy: maybe(Type.Object({ text: text("Goes to the clipboard") })),
  call: maybe(Type.Object({ number: text("Is dialled") })),
  menu: maybe(Type.Object({ to: text("The menu that is shown next") })),
});
export type Do = Static<typeof Do>;

export const Choice = Type.Object({
  label: text("On the button"),
  image: maybe(text("URL of a small picture")),
  do: Do,
});
export type Choice = Static<typeof Choice>;

const cardFields = {
  title: text("In bold"),
  text: maybe(text("Below it")),
  image: maybe(text("URL of a picture")),
  open: maybe(text("URL that a tap on the card opens")),
  choices: Type.Array(Choice),
};
export const Card = Type.Object(cardFields);

const Entity = Type.Object({
  kind: text("mention or emoji"),
  offset: Type.Integer({ description: "Where it begins, in UTF-16 units" }),
  length: Type.Integer({ description: "In UTF-16 units" }),
  id: maybe(text("Of the person or emoji")),
});

const media = { asset: Asset, caption: maybe(text("Written with it")) };
const target = { target: Type.Object({ id: text("The platform's id of that message") }) };
const people = { members: maybe(Type.Array(Type.String(), { description: "Ids of people" })) };

/** The fields of each kind, beside the envelope. */
export const kinds = {
  text: { text: text("What was written"), entities: maybe(Type.Array(Entity)) },
  image: media,
  video: media,
  audio: media,
  file: media,
  sticker: {
    pack: maybe(text("The platform's id of its set")),
    sticker: text("The platform's id of it"),
    animated: maybe(Type.Boolean()),
    image: maybe(Asset),
    words: maybe(Type.Array(Type.String(), { description: "What it means, as the platform says" })),
    text: maybe(text("What is written on it")),
  },
  location: {
    latitude: Type.Number(),
    longitude: Type.Number(),
    title: maybe(text("What the place is called")),
    address: maybe(text("Where it is")),
  },
  contact: {
    name: text(),
    phones: maybe(Type.Array(Type.String())),
    emails: maybe(Type.Array(Type.String())),
  },
  choices: { text: text("The question"), choices: Type.Array(Choice) },
  card: cardFields,
  carousel: { text: maybe(text("Before the cards")), cards: Type.Array(Card) },
  template: {
    name: text("Of the layout"),
    parameters: Type.Record(Type.String(), Type.Unknown()),
    text: text("Stands for it where there is no layout"),
  },
  action: {
    label: maybe(text("What stood on the button")),
    data: maybe(text("What the button carried")),
    stale: maybe(Type.Boolean({ description: "Nobody knows any more what the button meant" })),
    values: maybe(
      Type.Object({
        date: maybe(text()),
        time: maybe(text()),
        datetime: maybe(text()),
        menu: maybe(text()),
        status: maybe(text()),
      }),
    ),
  },
  edited: { ...target, text: maybe(text("As it reads now")) },
  deleted: target,
  followed: { again: maybe(Type.Boolean({ description: "After a block" })) },
  unfollowed: {},
  joined: people,
  left: people,
  typing: { on: maybe(Type.Boolean()), durationMs: maybe(Type.Integer()) },
  read: { upTo: maybe(text("The platform's id of the last message read")) },
  receipt: { ...target, status: text("delivered or failed"), reason: maybe(text()) },
  notice: {
    text: text(),
    severity: maybe(text("info, warning or error")),
    about: maybe(text("layout, quota or button: for rules that word it themselves")),
  },
  other: { summary: text("What it was, in words") },
} satisfies Record<string, TProperties>;
export type Kind = keyof typeof kinds;

export const Conversation = Type.Object({
  id: text(),
  type: Type.Union([Type.Literal("person"), Type.Literal("group"), Type.Literal("room")]),
  name: maybe(text()),
});
export type Conversation = Static<typeof Conversation>;

export const Sender = Type.Object({
  id: maybe(text()),
  name: maybe(text()),
  language: maybe(text()),
  role: Type.Union([
    Type.Literal("customer"),
    Type.Literal("agent"),
    Type.Literal("bot"),
    Type.Literal("system"),
  ]),
});
export type Sender = Static<typeof Sender>;

/** Which message's button this answers. `asked` is the kind of that message, `label` and `data` its choice. */
export const Answers = Type.Object({
  message: text(),
  asked: text(),
  label: text(),
  choice: text(),
});
export type Answers = Static<typeof Answers>;

const Attributes = Type.Record(Type.String(), Type.String(), {
  description: "Facts that travel along, such as which account was written to",
});

/** What a receive rule may add to the fields of its kind. */
const additions = {
  attributes: maybe(Attributes),
  quotes: maybe(Type.Object({ id: text("The platform's id of the message that is quoted") })),
  answers: maybe(Answers),
};

const envelope = {
  id: text("Ours; sorts by time"),
  channel: text("Where it came from: a key under channels:"),
  conversation: Conversation,
  from: Sender,
  sentAt: Type.String({ description: "ISO 8601, UTC; strictly increasing in a conversation" }),
  native: Type.Object({ id: text("The platform's id"), kind: text("The native kind") }),
  answers: maybe(Answers),
  attributes: maybe(Attributes),
  quotes: maybe(Type.Object({ id: text("The platform's id of the message that is quoted") })),
};

const closed = { additionalProperties: false };

/** What a receive rule emits for one kind: the kind's fields; the core adds the envelope. */
export const contentSchema = (kind: Kind): TSchema =>
  Type.Object({ kind: Type.Literal(kind), ...kinds[kind], ...additions }, closed);

/** One kind with its envelope: the type of `message` in a send rule. */
export const messageSchema = (kind: Kind): TSchema =>
  Type.Object({ ...envelope, kind: Type.Literal(kind), ...kinds[kind] });

/** What every kind has: the type of `message` where any kind may come. */
export const envelopeSchema: TSchema = Type.Object({ ...envelope, kind: Type.String() });

export const kindNames = Object.keys(kinds) as readonly Kind[];

type Simplify<T> = { [K in keyof T]: T[K] };
type Fields<K extends Kind> = Static<ReturnType<typeof Type.Object<(typeof kinds)[K]>>>;
type Added = Static<ReturnType<typeof Type.Object<typeof additions>>>;

/** What a receive rule yields, of any kind. */
export type Content = { [K in Kind]: Simplify<{ kind: K } & Fields<K> & Added> }[Kind];
export type ContentOf<K extends Kind> = Extract<Content, { kind: K }>;

export type Envelope = Static<ReturnType<typeof Type.Object<typeof envelope>>>;
export type Message = { [K in Kind]: Simplify<Envelope & { kind: K } & Fields<K>> }[Kind];
export type MessageOf<K extends Kind> = Extract<Message, { kind: K }>;
