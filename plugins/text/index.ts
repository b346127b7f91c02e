import { defineMapper, Type } from "sampan/kit";
import { command } from "./command.ts";
import { bytes, characters } from "./measure.ts";
import { split } from "./split.ts";

// Letters and marks that show nothing: besides spaces and controls, the blanks of Braille and Hangul.
const invisible = /[\p{White_Space}\p{Cc}\p{Cf}\p{Variation_Selector}\u2800\u3164\uFFA0]/gu;

const visible = (text: string) => text.replace(invisible, "") !== "";
const safe = (text: string) => text.toWellFormed().replaceAll("\0", "");

export default defineMapper({
  name: "text",
  summary: "Splits, checks and reads texts",
  config: Type.Object({}, { additionalProperties: false }),
  create: () => [
    {
      signature: "text.split(string, int): list<string>",
      doc: 'Pieces of at most so many UTF-16 units, cut where it reads well: text.split("one two", 4) = ["one ", "two"]',
      handler: (text: string, limit: number) => split(text, limit),
      bound: { argument: 1, of: "units", each: true },
    },
    {
      signature: "text.splitCharacters(string, int): list<string>",
      doc: 'The same, counted as a person counts characters: text.splitCharacters("ที่นี่", 2) = ["ที่นี่"]',
      handler: (text: string, limit: number) => split(text, limit, characters),
      bound: { argument: 1, of: "graphemes", each: true },
    },
    {
      signature: "text.splitBytes(string, int): list<string>",
      doc: 'The same, counted in bytes of UTF-8: text.splitBytes("กข", 4) = ["ก", "ข"]',
      handler: (text: string, limit: number) => split(text, limit, bytes),
    },
    {
      signature: "text.visible(string): bool",
      doc: 'Whether a person can see anything of it: text.visible("\\u200b ") = false',
      handler: visible,
    },
    {
      signature: "text.command(string): map",
      doc: 'What was typed after a slash, or an empty map: text.command("/flex receipt order=1") = {"name": "flex", "parameters": {"order": "1"}, "rest": "receipt"}',
      handler: command,
    },
    {
      signature: "text.safe(string): string",
      doc: 'Without NUL, and half characters replaced, so that every platform takes it: text.safe("a\\u0000b") = "ab"',
      handler: safe,
      bound: { argument: 0, of: "units" },
    },
  ],
});
