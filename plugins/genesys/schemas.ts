import { type Static, Type } from "sampan/kit";

/**
 * The JSON that Open Messaging sends and takes. What comes in is read tolerantly: platforms add
 * fields, content types and enum values without notice. What goes out is strict.
 */

const text = () => Type.String();
const maybeText = () => Type.Optional(Type.String());

const Party = Type.Object({
  id: text(),
  idType: maybeText(),
  nickname: maybeText(),
});

/** What a flow or a data action may say to us: all are optional, and none of them is Genesys' own. */
const CustomAttributes = Type.Object({
  flex: maybeText(),
  agentName: maybeText(),
  agentIcon: maybeText(),
});

const WebhookChannel = Type.Object({
  id: maybeText(),
  to: Party,
  from: Type.Optional(Party),
  time: maybeText(),
  messageId: maybeText(),
  metadata: Type.Optional(Type.Object({ customAttributes: Type.Optional(CustomAttributes) })),
});

/** The fields that every webhook has, whatever it carries. */
const envelope = {
  id: text(),
  type: maybeText(),
  channel: WebhookChannel,
  text: maybeText(),
  direction: maybeText(),
  originatingEntity: maybeText(),
  conversationId: maybeText(),
  metadata: Type.Optional(Type.Object({ flex: maybeText() })),
};

const Attachment = Type.Object({
  id: maybeText(),
  mediaType: maybeText(),
  url: text(),
  mime: maybeText(),
  filename: maybeText(),
  text: maybeText(),
  contentSizeBytes: Type.Optional(Type.Integer()),
});

const Action = Type.Object({
  type: maybeText(),
  text: maybeText(),
  payload: maybeText(),
  url: maybeText(),
});

const QuickReply = Type.Object({
  text: text(),
  payload: maybeText(),
  action: maybeText(),
  image: maybeText(),
});

const Card = Type.Object({
  title: maybeText(),
  description: maybeText(),
  image: maybeText(),
  video: maybeText(),
  defaultAction: Type.Optional(Action),
  actions: Type.Optional(Type.Array(Action)),
});

const DatePicker = Type.Object({
  id: maybeText(),
  title: maybeText(),
  subtitle: maybeText(),
  imageUrl: maybeText(),
  dateMinimum: maybeText(),
  dateMaximum: maybeText(),
  availableTimes: Type.Optional(
    Type.Array(Type.Object({ dateTime: text(), duration: Type.Optional(Type.Number()) })),
  ),
});

const ListPicker = Type.Object({
  id: maybeText(),
  sections: Type.Optional(
    Type.Array(
      Type.Object({
        title: maybeText(),
        items: Type.Optional(
          Type.Array(
            Type.Object({
              id: maybeText(),
              title: text(),
              subtitle: maybeText(),
              imageUrl: maybeText(),
            }),
          ),
        ),
      }),
    ),
  ),
  receivedMessage: Type.Optional(
    Type.Object({ title: maybeText(), subtitle: maybeText(), imageUrl: maybeText() }),
  ),
});

const Lines = Type.Optional(Type.Object({ text: maybeText() }));
const Notification = Type.Object({
  id: maybeText(),
  header: Lines,
  body: Type.Optional(
    Type.Object({
      text: maybeText(),
      parameters: Type.Optional(Type.Array(Type.Object({ name: text(), text: maybeText() }))),
    }),
  ),
  footer: Lines,
  buttons: Type.Optional(Type.Array(Action)),
});

const Location = Type.Object({
  text: maybeText(),
  address: maybeText(),
  url: maybeText(),
  latitude: Type.Optional(Type.Number()),
  longitude: Type.Optional(Type.Number()),
});

const QuickReplyList = Type.Object({
  title: maybeText(),
  subtitle: maybeText(),
  actions: Type.Optional(Type.Array(QuickReply)),
});

/** One item of `content`. Which of the parts is there, `contentType` says. */
const ContentItem = Type.Object({
  contentType: text(),
  attachment: Type.Optional(Attachment),
  quickReply: Type.Optional(QuickReply),
  quickReplyV2: Type.Optional(QuickReplyList),
  card: Type.Optional(Card),
  carousel: Type.Optional(Type.Object({ cards: Type.Array(Card) })),
  datePicker: Type.Optional(DatePicker),
  listPicker: Type.Optional(ListPicker),
  template: Type.Optional(Notification),
  location: Type.Optional(Location),
  buttonResponse: Type.Optional(Type.Object({ text: maybeText(), payload: maybeText() })),
  richLink: Type.Optional(Type.Object({ title: maybeText(), url: maybeText() })),
  text: Type.Optional(Type.Object({ body: maybeText() })),
});

const Structured = Type.Object({ ...envelope, content: Type.Array(ContentItem) });

/** The native kinds: what `on:` of a receive rule may say. */
export const receives = {
  text: Type.Object({ ...envelope, content: Type.Optional(Type.Array(ContentItem)) }),
  attachment: Structured,
  quickReply: Structured,
  quickReplyV2: Structured,
  card: Structured,
  carousel: Structured,
  datePicker: Structured,
  listPicker: Structured,
  notification: Structured,
  location: Structured,
  buttonResponse: Structured,
  richLink: Structured,
  typing: Type.Object({
    ...envelope,
    events: Type.Array(
      Type.Object({
        eventType: text(),
        typing: Type.Optional(
          Type.Object({ type: maybeText(), duration: Type.Optional(Type.Integer()) }),
        ),
      }),
    ),
  }),
  /** An event that is not typing, such as presence. */
  event: Type.Object(envelope),
  /** What became of a message of ours. */
  receipt: Type.Object({ ...envelope, status: maybeText() }),
  /** An echo of what we sent in. */
  inbound: Type.Object(envelope),
};

const customer = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    idType: Type.Union([Type.Literal("Opaque"), Type.Literal("Email"), Type.Literal("Phone")]),
    nickname: maybeText(),
    firstName: maybeText(),
    lastName: maybeText(),
    email: maybeText(),
  },
  { additionalProperties: false },
);

const InboundChannel = Type.Object(
  {
    from: customer,
    messageId: Type.String({ minLength: 1 }),
    time: Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,3})?Z$" }),
    // Not in the public swagger, but the one form whose values reach Architect.
    metadata: Type.Optional(
      Type.Object({
        customAttributes: Type.Optional(Type.Record(Type.String(), Type.String())),
      }),
    ),
  },
  { additionalProperties: false },
);

const InboundMessage = Type.Object(
  {
    channel: InboundChannel,
    text: maybeText(),
    // Genesys takes one attachment a message.
    content: Type.Optional(
      Type.Array(
        Type.Object({
          contentType: maybeText(),
          attachment: Type.Object({
            id: maybeText(),
            mediaType: Type.Union([
              Type.Literal("Image"),
              Type.Literal("Video"),
              Type.Literal("Audio"),
              Type.Literal("File"),
              Type.Literal("Link"),
            ]),
            url: Type.String({ minLength: 1 }),
            mime: Type.String({ minLength: 1 }),
            filename: maybeText(),
            text: maybeText(),
            sha256: maybeText(),
          }),
        }),
        { maxItems: 1 },
      ),
    ),
    metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
  },
  { additionalProperties: false },
);

const InboundResponse = Type.Object(
  {
    channel: InboundChannel,
    originatingMessageId: Type.String({ minLength: 1 }),
    buttonResponse: Type.Object({
      type: Type.Union([
        Type.Literal("Button"),
        Type.Literal("QuickReply"),
        Type.Literal("DatePicker"),
      ]),
      text: Type.String({ minLength: 1 }),
      payload: Type.String({ minLength: 1 }),
    }),
  },
  { additionalProperties: false },
);

/** The whole body of one call: `inbound/open/message`, or `…/structured/response` for a tapped button. */
export const sends = Type.Union([InboundMessage, InboundResponse]);
export type Outgoing = Static<typeof sends>;
