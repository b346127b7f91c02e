import type { World } from "./world.ts";

/** What stands in the agent's window, a line for each thing. */
export const seenByAgent = ({ genesys }: World): string[] =>
  genesys.ledger.map(({ body }) => {
    const files = (body.content ?? []).map(
      ({ attachment }) => `[${attachment.mime}] ${attachment.url}`,
    );
    const button = body.buttonResponse;
    const tapped = button === undefined ? [] : [`(${button.type}) ${button.text}`];
    return [body.channel.from.nickname, ...tapped, body.text, ...files]
      .filter((part) => part !== undefined)
      .join(" · ");
  });

/** What stands on the customer's phone, a line for each message object. */
export const seenByCustomer = ({ line }: World): string[] =>
  line.received.flatMap(({ messages, via }) =>
    messages.map((message) => `${via}: [${String(message["type"])}] ${words(message).join(" · ")}`),
  );

/** Every text and label in a message object, as a reader meets them. */
function words(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(words);
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => {
    if (typeof value === "string") return /^(text|label|title|address)$/.test(name) ? [value] : [];
    return words(value);
  });
}
