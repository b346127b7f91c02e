import { type Static, type TProperties, type TSchema, Type } from "typebox";

/**
 * The canonical message: the form in which all channels meet. Plain JSON, discriminated by `kind`.
 * It owes nothing to any platform.
 */

const text = () => Type.String();
const maybe = <T extends TSchema>(schema: T) => Type.Optional(schema);

/** A file. `ref` is fetched through the source channel's `media` and becomes a `url` of ours. */
export const Asset = Type.Object({
  ref: maybe(Type.String({ description: "What the source channel's media() takes" })),
  url: maybe(Type.String({ description: "Public; used as it stands" })),
  type: maybe(Type.String({ description: "MIME type" })),
  name: maybe(text()),
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
  reply: maybe(Type.Object({ text: text() })),
  postback: maybe(Type.Object({ data: text(), shows: maybe(text()) })),
  open: maybe(Type.Object({ url: text() })),
  pick: maybe(
    Type.Object({
      data: maybe(text()),
      mode: Type.Union([Type.Literal("date"), Type.Literal("time"), Type.Literal("datetime")]),
      initial: maybe(text()),
      min: maybe(text()),
      max: maybe(text()),
    }),
  ),
  share: maybe(Type.Object({ what: text() })),
  copy: maybe(Type.Object({ text: text() })),
  call: maybe(Type.Object({ number: text() })),
  menu: maybe(Type.Object({ to: text() })),
});
export type Do = Static<typeof Do>;

export const Choice = Type.Object({ label: text(), image: maybe(text()), do: Do });
export type Choice = Static<typeof Choice>;

const cardFields = {
  title: text(),
  text: maybe(text()),
  image: maybe(text()),
  open: maybe(text()),
  choices: Type.Array(Choice),
};
export const Card = Type.Object(cardFields);

const Entity = Type.Object({
  kind: text(),
  offset: Type.Integer(),
  length: Type.Integer(),
  id: maybe(text()),
});

const media = { asset: Asset, caption: maybe(text()) };
const target = { target: Type.Object({ id: text() }) };
const people = { members: maybe(Type.Array(Type.String())) };

/** The fields of each kind, beside the envelope. */
export const kinds = {
  text: { text: text(), entities: maybe(Type.Array(Entity)) },
  image: media,
  video: media,
  audio: media,
  file: media,
  sticker: {
    pack: maybe(text()),
    sticker: text(),
    animated: maybe(Type.Boolean()),
    image: maybe(Asset),
    words: maybe(Type.Array(Type.String())),
    text: maybe(text()),
  },
  location: {
    latitude: Type.Number(),
    longitude: Type.Number(),
    title: maybe(text()),
    address: maybe(text()),
  },
  contact: {
    name: text(),
    phones: maybe(Type.Array(Type.String())),
    emails: maybe(Type.Array(Type.String())),
  },
  choices: { text: text(), choices: Type.Array(Choice) },
  card: cardFields,
  carousel: { text: maybe(text()), cards: Type.Array(Card) },
  template: { name: text(), parameters: Type.Record(Type.String(), Type.Unknown()), text: text() },
  action: {
    label: maybe(text()),
    data: maybe(text()),
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
  edited: { ...target, text: maybe(text()) },
  deleted: target,
  followed: { again: maybe(Type.Boolean()) },
  unfollowed: {},
  joined: people,
  left: people,
  typing: { on: maybe(Type.Boolean()), durationMs: maybe(Type.Integer()) },
  read: { upTo: maybe(text()) },
  receipt: { ...target, status: text(), reason: maybe(text()) },
  notice: { text: text(), severity: maybe(text()) },
  other: { summary: text() },
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

const Attributes = Type.Record(Type.String(), Type.String());

/** What a receive rule may add to the fields of its kind. */
const additions = {
  attributes: maybe(Attributes),
  quotes: maybe(Type.Object({ id: text() })),
  answers: maybe(Answers),
};

const envelope = {
  id: text(),
  channel: text(),
  conversation: Conversation,
  from: Sender,
  sentAt: Type.String({ description: "ISO 8601, UTC; strictly increasing in a conversation" }),
  native: Type.Object({ id: text(), kind: text() }),
  answers: maybe(Answers),
  attributes: maybe(Attributes),
  quotes: maybe(Type.Object({ id: text() })),
};

const closed = { additionalProperties: false };

/** What a receive rule emits for one kind: the kind's fields; the core adds the envelope. */
export const contentSchema = (kind: Kind): TSchema =>
  Type.Object({ kind: Type.Literal(kind), ...kinds[kind], ...additions }, closed);

/** One kind with its envelope: the type of `message` in a send rule. */
export const messageSchema = (kind: Kind): TSchema =>
  Type.Object({ ...envelope, kind: Type.Literal(kind), ...kinds[kind] });

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
