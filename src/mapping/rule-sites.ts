import type { Node } from "yaml";
import type { Values } from "../template/expression.ts";
import { passing } from "../template/probe.ts";
import { structureSite } from "../template/structure-sites.ts";
import type { Templates } from "../template/template.ts";
import type { Rule } from "./rules.ts";

/** The rule, telling whoever watches when it is tried and when it emits. `id` is where its name stands. */
export function watchRule(templates: Templates, id: Node | null, rule: Rule): Rule {
  const { probe, source } = templates.expressions;
  if (probe === undefined) return rule;
  const path = `rule "${rule.id}"`;
  const tried = probe.site(structureSite(source, "rule", id, path, ["taken"]));
  return {
    id: rule.id,
    takes: (values) => passing(tried, () => rule.takes(values), taken),
    emit: watchEmit(templates, id, path, rule.emit),
  };
}

/** A layout, telling whoever watches. It is never tried in vain: its name picks it. */
export function watchLayout(
  templates: Templates,
  name: Node,
  path: string,
  emit: Rule["emit"],
): Rule["emit"] {
  const { probe, source } = templates.expressions;
  if (probe === undefined) return emit;
  const watcher = probe.site(structureSite(source, "rule", name, path, ["taken"]));
  const watched = watchEmit(templates, name, path, emit);
  return (values) => {
    passing(watcher, () => true, taken);
    return watched(values);
  };
}

const taken = (takes: boolean) => (takes ? 0 : undefined);

function watchEmit(templates: Templates, name: Node | null, path: string, emit: Rule["emit"]) {
  const { probe, source } = templates.expressions;
  if (probe === undefined) return emit;
  const watcher = probe.site(structureSite(source, "emit", name, `${path} emit`));
  return (values: Values) => passing(watcher, () => emit(values));
}
