import {
  type ChannelPlugin,
  type Content,
  contentSchema,
  type Kind,
  kindNames,
  type Message,
  SampanError,
} from "../kit/index.ts";
import type { Engine } from "../template/cel.ts";
import type { Run, Values } from "../template/expression.ts";
import { didYouMean } from "../template/suggest.ts";
import { safeJson, textOf } from "../template/values.ts";
import { laidOut } from "./laid-out.ts";
import type { Layout, Loaded } from "./loader.ts";
import type { Mapped, Mapping, ReceiveInput, SendInput } from "./mapping.ts";
import type { Rule } from "./rules.ts";
import { type Validator, validator } from "./validator.ts";

interface ChannelVariable {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const none: Mapped<never> = { rule: undefined, out: [] };

/** A loaded mapping at work. */
export class Running implements Mapping {
  readonly #loaded: Loaded;
  readonly #engine: Engine;
  readonly #channel: ChannelVariable;
  readonly #plugin: ChannelPlugin;
  readonly #contents = new Map<string, Validator>();

  constructor(loaded: Loaded, engine: Engine, channel: ChannelVariable, plugin: ChannelPlugin) {
    this.#loaded = loaded;
    this.#engine = engine;
    this.#channel = channel;
    this.#plugin = plugin;
  }

  receive(input: ReceiveInput): Mapped<Content> {
    return this.#guarded(() => {
      const values = safeJson({ ...input, channel: this.#channel });
      const { receive } = this.#loaded;
      const rule = pick(receive.get(input.kind), values) ?? pick(receive.get("*"), values);
      if (rule === undefined) return none;
      const made = rule.emit(values);
      if (made.length === 0) return { rule: rule.id, out: [] };
      const attributes = this.#attributes(values);
      return { rule: rule.id, out: made.map((each) => this.#content(each, attributes, rule.id)) };
    });
  }

  send({ message, now }: SendInput): Mapped<unknown> {
    return this.#guarded(() => {
      const values = safeJson({ message, now, channel: this.#channel });
      const layout = this.#layoutFor(values.message);
      if (layout !== undefined) return this.#completed(laidOut(layout, values), values);
      const rule = pick(this.#loaded.send.get(values.message.kind), values);
      if (rule !== undefined) {
        return this.#completed({ rule: rule.id, out: rule.emit(values) }, values);
      }
      this.#refuseUnknownLayout(values.message);
      return none;
    });
  }

  answered<T>(work: () => T): Promise<T> {
    return this.#engine.answers.settled(work);
  }

  sends(kind: Kind): boolean {
    return this.#loaded.send.has(kind);
  }

  hasLayout(name: string): boolean {
    return this.#loaded.layouts.has(name);
  }

  checkSend(payload: unknown): string | undefined {
    return validator(this.#plugin.sends)(payload);
  }

  #layoutFor(message: Message): Layout | undefined {
    return message.kind === "template" ? this.#loaded.layouts.get(message.name) : undefined;
  }

  /** A misspelt name is the sender's mistake: the customer must not read the command instead. */
  #refuseUnknownLayout(message: Message): void {
    const names = [...this.#loaded.layouts.keys()];
    if (message.kind !== "template" || names.length === 0) return;
    // In the message, not as a hint: it travels in the receipt.
    const meant = didYouMean(message.name, names, "layouts");
    throw new SampanError("rule.layout", `there is no layout "${message.name}": ${meant}`);
  }

  /** All that goes wrong becomes a `SampanError`; whatever it was, it must not quote what a customer wrote. */
  #guarded<T>(work: () => T): T {
    const { budget, answers } = this.#engine;
    budget.restart();
    try {
      return work();
    } catch (error) {
      if (error instanceof SampanError) throw error;
      // Not a failure: `answered` waits for the answer and comes back.
      if (answers.open !== undefined) throw answers.open;
      if (budget.excess !== undefined) {
        const { code, reason, hint } = budget.excess;
        throw new SampanError(`rule.${code}`, reason, { hint });
      }
      const kind = error instanceof Error ? error.name : typeof error;
      throw new SampanError(
        "rule.failed",
        `the mapping of channel "${this.#channel.id}" failed (${kind})`,
      );
    }
  }

  #attributes(values: Values): Record<string, string> {
    const all: Record<string, string> = {};
    for (const run of this.#loaded.attributes) {
      for (const [key, value] of Object.entries(attributesOf(run, values))) all[key] ??= value;
    }
    return all;
  }

  /** With the fields of `common:`; what a rule says itself wins. */
  #completed({ rule, out }: Mapped<unknown>, values: Values): Mapped<unknown> {
    const fields = this.#loaded.common.map((run) => run(values)).filter(isMapping);
    if (fields.length === 0) return { rule, out };
    const shared = Object.assign({}, ...fields.toReversed());
    return { rule, out: out.map((each) => (isMapping(each) ? { ...shared, ...each } : each)) };
  }

  #content(made: unknown, shared: Readonly<Record<string, string>>, rule: string): Content {
    if (made === null || typeof made !== "object" || Array.isArray(made)) {
      throw new SampanError("rule.output", `rule "${rule}" gives something that is not a mapping`);
    }
    const content = made as Content;
    const merged =
      Object.keys(shared).length === 0
        ? content
        : { ...content, attributes: { ...shared, ...content.attributes } };
    const problem = this.#contentCheck(merged.kind, rule)(merged);
    if (problem === undefined) return merged;
    throw new SampanError("rule.output", `rule "${rule}" gives a ${merged.kind}: ${problem}`, {
      hint: `see the fields of the kind "${merged.kind}"`,
    });
  }

  #contentCheck(kind: Kind, rule: string): Validator {
    const known = this.#contents.get(kind);
    if (known !== undefined) return known;
    if (!kindNames.includes(kind)) {
      throw new SampanError("rule.output", `rule "${rule}" gives something without a known kind`, {
        hint: `kinds: ${kindNames.join(", ")}`,
      });
    }
    const check = validator(contentSchema(kind));
    this.#contents.set(kind, check);
    return check;
  }
}

function pick(rules: readonly Rule[] | undefined, values: Values): Rule | undefined {
  return rules?.find((rule) => rule.takes(values));
}

const isMapping = (made: unknown): made is Readonly<Record<string, unknown>> =>
  made !== null && typeof made === "object" && !Array.isArray(made);

function attributesOf(run: Run, values: Values): Record<string, string> {
  const made = run(values);
  if (!isMapping(made)) return {};
  return Object.fromEntries(Object.entries(made).map(([key, value]) => [key, textOf(value)]));
}
