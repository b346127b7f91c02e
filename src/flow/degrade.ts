import type { Asset, Choice, Do, Kind, Message, MessageOf } from "../kit/index.ts";

/**
 * What becomes of a message that the target has no rule for: the next plainer form, or undefined
 * when it is only to be recorded. The one table; it ends at `text` and is never empty ("ghost").
 */
export function degrade(message: Message): Message | undefined {
  const step = table[message.kind] as ((message: Message) => Message | undefined) | undefined;
  return step?.(message);
}

type Table = { [K in Kind]?: (message: MessageOf<K>) => Message | undefined };

const table: Table = {
  sticker: (m) =>
    m.image?.url === undefined
      ? text(m, named("Sticker", m.text ?? m.words?.slice(0, 3).join(", ")))
      : {
          ...envelope(m),
          kind: "image",
          asset: m.image,
          caption: named("Sticker", m.text ?? m.words?.slice(0, 3).join(", ")),
        },
  image: (m) => text(m, file("Image", m.asset, m.caption)),
  video: (m) => text(m, file("Video", m.asset, m.caption)),
  audio: (m) => text(m, file("Audio", m.asset, m.caption)),
  file: (m) => text(m, file("File", m.asset, m.caption)),
  location: (m) =>
    text(
      m,
      lines(
        m.title,
        m.address,
        `Location: https://www.google.com/maps?q=${m.latitude},${m.longitude}`,
      ),
    ),
  contact: (m) => text(m, lines(m.name, ...(m.phones ?? []), ...(m.emails ?? []))),
  choices: (m) => text(m, lines(m.text, ...numbered(m.choices))),
  card: (m) => text(m, card(m)),
  carousel: (m) => text(m, [m.text, ...m.cards.map(card)].filter(Boolean).join("\n\n")),
  template: (m) => text(m, m.text),
  action: (m) => text(m, m.label ?? Object.values(m.values ?? {})[0] ?? m.data ?? "[Button used]"),
  edited: (m) => text(m, lines("[Message edited]", m.text)),
  deleted: (m) => text(m, "[Message deleted by its sender]"),
  notice: (m) => text(m, m.text),
  other: (m) => ({
    ...envelope(m),
    kind: "notice",
    text: `[A message that cannot be shown: ${m.summary}]`,
    severity: "info",
  }),
};

function envelope(message: Message) {
  const { id, channel, conversation, from, sentAt, native, answers, attributes, quotes } = message;
  return {
    id,
    channel,
    conversation,
    from,
    sentAt,
    native,
    ...(answers && { answers }),
    ...(attributes && { attributes }),
    ...(quotes && { quotes }),
  };
}

const text = (message: Message, words: string): Message => ({
  ...envelope(message),
  kind: "text",
  text: words,
});

const lines = (...parts: readonly (string | undefined)[]) => parts.filter(Boolean).join("\n");
const named = (what: string, words: string | undefined) =>
  words ? `[${what}: ${words}]` : `[${what}]`;
const file = (what: string, { name, url }: Asset, caption: string | undefined) =>
  lines(caption, named(what, name), url);
const card = (m: { title: string; text?: string; open?: string; choices: readonly Choice[] }) =>
  lines(m.title, m.text, m.open, ...numbered(m.choices));

const numbered = (choices: readonly Choice[]) =>
  choices.map(({ label, do: does }, index) => lines(`${index + 1}. ${label}`, linkOf(does)));

const linkOf = ({ open, call, copy }: Do) => open?.url ?? call?.number ?? copy?.text;
