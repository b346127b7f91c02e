import { createHash } from "node:crypto";
import type { Answers, Choice, Message } from "../kit/index.ts";
import type { StateWrite } from "../store/store.ts";

/**
 * The button vault. A platform carries a few hundred characters behind a button, the other side asks
 * for thousands: what a button means is kept here and a short token travels.
 */
const prefix = "sampan:";
const keptForMs = 90 * 24 * 3_600_000;

/** The message with a token in every button that comes back to us, and what to keep for them. */
export function guardButtons(
  message: Message,
  scope: string,
  now: number,
): { readonly message: Message; readonly state: readonly StateWrite[] } {
  const state: StateWrite[] = [];
  const guard = (choices: readonly Choice[], path: string) =>
    choices.map((choice, index) => guardChoice(choice, `${path}${index}`));

  function guardChoice(choice: Choice, path: string): Choice {
    const { postback, pick } = choice.do;
    const data = postback?.data ?? pick?.data;
    if (postback === undefined && pick === undefined) return choice;
    const token = tokenOf(message.native.id, path);
    const meaning: Answers = {
      message: message.native.id,
      asked: message.kind,
      label: postback?.shows ?? choice.label,
      choice: data ?? "",
    };
    state.push({
      scope,
      name: token,
      value: JSON.stringify(meaning),
      expiresAt: now + keptForMs,
    });
    return {
      ...choice,
      do: {
        ...choice.do,
        ...(postback && { postback: { shows: choice.label, ...postback, data: token } }),
        ...(pick && { pick: { ...pick, data: token } }),
      },
    };
  }

  if (message.kind === "choices" || message.kind === "card") {
    return { message: { ...message, choices: guard(message.choices, "") }, state };
  }
  if (message.kind === "carousel") {
    const cards = message.cards.map((card, index) => ({
      ...card,
      choices: guard(card.choices, `${index}.`),
    }));
    return { message: { ...message, cards }, state };
  }
  return { message, state };
}

/** An `action` that answers a button of ours, with what that button meant; any other message as it is. */
export function resolveButton(
  message: Message,
  find: (token: string) => string | undefined,
): Message {
  if (message.kind !== "action" || message.data?.startsWith(prefix) !== true) return message;
  const kept = find(message.data);
  if (kept === undefined) {
    // Our token without its meaning says nothing to a person.
    const { data: _, ...rest } = message;
    return { ...rest, stale: true };
  }
  const answers = JSON.parse(kept) as Answers;
  return { ...message, answers, data: answers.choice, label: answers.label };
}

/** Deterministic: an event that is worked on twice gives its buttons the same tokens. */
const tokenOf = (messageId: string, path: string) =>
  prefix + createHash("sha256").update(`${messageId}\n${path}`).digest("base64url").slice(0, 22);
