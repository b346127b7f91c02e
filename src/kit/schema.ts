import { type Static, type TSchema, Type } from "typebox";

export { type Static, type TSchema, Type };

/** A text that is hidden wherever configuration is shown: logs, errors, the console. */
export const Secret = (options: { description?: string; minLength?: number } = {}) =>
  Type.String({ minLength: 1, ...options, secret: true });

/** True for a schema made by {@link Secret}, also inside a union or a list. */
export function isSecret(schema: object): boolean {
  const node = schema as { secret?: boolean; anyOf?: object[]; items?: object };
  return (
    node.secret === true ||
    (node.anyOf ?? []).some(isSecret) ||
    (node.items !== undefined && isSecret(node.items))
  );
}
