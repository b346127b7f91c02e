import { type Message, SampanError } from "../kit/index.ts";
import type { LiveChannel } from "./channels.ts";
import { degrade } from "./degrade.ts";

export interface Translated {
  /** The form of the message that a rule was found for. */
  readonly message: Message;
  readonly rule: string;
  /** Empty: the rule drops it. */
  readonly payloads: readonly unknown[];
}

/**
 * The native payloads of a message for `target`, by its send rules; where there is no rule, or the
 * rule fails, by the next plainer form. Undefined: only recorded. Throws when even text cannot be sent,
 * and when a layout was asked for wrongly.
 */
export async function translate(
  target: LiveChannel,
  message: Message,
  now: string,
): Promise<Translated | undefined> {
  let failure: SampanError | undefined;
  const { mapping } = target;
  for (let form: Message | undefined = message; form !== undefined; form = degrade(form)) {
    try {
      const given = { message: form, now };
      const { rule, out } = await mapping.answered(() => mapping.send(given));
      if (rule === undefined) continue;
      refuseUnfit(target, rule, out);
      return { message: form, rule, payloads: out };
    } catch (error) {
      if (!(error instanceof SampanError) || sendersMistake.has(error.code)) throw error;
      failure ??= error;
      target.log.error("rule failed; trying a plainer form", {
        code: error.code,
        kind: form.kind,
        error: error.message,
      });
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** A wrong command is told to who gave it; a plainer form would show it to the customer. */
const sendersMistake: ReadonlySet<string> = new Set(["rule.parameters", "rule.layout"]);

function refuseUnfit(target: LiveChannel, rule: string, payloads: readonly unknown[]): void {
  for (const payload of payloads) {
    const fault = target.mapping.checkSend(payload);
    if (fault !== undefined) {
      throw new SampanError("rule.output", `${target.id}: rule ${rule} made ${fault}`, {
        hint: `Compare the rule's emit with what ${target.plugin.name} sends.`,
      });
    }
  }
}
