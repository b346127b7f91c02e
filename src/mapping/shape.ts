import type { Node } from "yaml";
import type { Source } from "../template/source.ts";
import type { JsonSchema } from "../template/types.ts";

/** Looks at a receive rule's `emit:` for what can never fit its kind. */
export function inspectReceive(_source: Source, _emit: Node | null): void {}

/** Looks at a send rule's `emit:` for what can never fit the plug-in's payload. */
export function inspectSend(_source: Source, _emit: Node | null, _schema: JsonSchema): void {}
