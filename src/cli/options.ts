import { type Command, InvalidArgumentError } from "commander";
import { toMilliseconds } from "../config/schema.ts";

export const withConfig = (command: Command) =>
  command.option("-c, --config <file>", "the configuration", "gateway.yaml");

export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}

export const wholeNumbers = (text: string, earlier: readonly number[] | undefined) => [
  ...(earlier ?? []),
  wholeNumber(text),
];

/** `24h` → milliseconds. */
export function duration(text: string): number {
  if (!/^[0-9]{1,6}(ms|s|m|h|d)$/.test(text)) {
    throw new InvalidArgumentError("It must be a number with ms, s, m, h or d: 24h.");
  }
  return toMilliseconds(text);
}

/** `95` or `95%` → 95. */
export function percent(text: string): number {
  const value = Number(text.replace(/%$/, ""));
  if (text === "" || !(value >= 0 && value <= 100)) {
    throw new InvalidArgumentError("It must be a number from 0 to 100.");
  }
  return value;
}
