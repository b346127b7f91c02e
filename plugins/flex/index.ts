import { defineMapper, SampanError, Type } from "sampan/kit";
import { answer, answered } from "./answers.ts";
import { rows } from "./rows.ts";
import { wanted } from "./wanted.ts";
import { word } from "./words.ts";

function chunks<T>(list: readonly T[], size: number): T[][] {
  if (!Number.isInteger(size) || size < 1) {
    throw new SampanError("flex.chunks", `flex.chunks: the size is ${size}, not a whole number`, {
      hint: "give a whole number, at least 1",
    });
  }
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, group) => list.slice(group * size, (group + 1) * size));
}

export default defineMapper({
  name: "flex",
  summary: "Lays out rows and pages of cards",
  config: Type.Object({}, { additionalProperties: false }),
  create: () => [
    {
      signature: "flex.chunks(list, int): list<list>",
      doc: "Groups of at most so many: flex.chunks([1, 2, 3], 2) = [[1, 2], [3]]",
      handler: chunks,
      bound: { argument: 1, of: "items", each: true },
    },
    {
      signature: "flex.rows(dyn, list): list<dyn>",
      doc: 'What a person typed in rows, as a list of maps: flex.rows("Latte|฿120;Cake|฿90", ["name", "price"])',
      handler: rows,
    },
    {
      signature: "flex.wanted(list): map",
      doc: 'A layout and its parameters from pairs: flex.wanted([{"name": "flex", "text": "receipt"}, {"name": "order", "text": "1"}]) = {"name": "receipt", "parameters": {"order": "1"}}',
      handler: wanted,
    },
    {
      signature: "flex.word(string, string): string",
      doc: 'A word of the ready layouts in a language: flex.word("total", "ja") = "合計"',
      handler: word,
    },
    {
      signature: "flex.answer(string, string, string): string",
      doc: 'The data of a layout\'s button: flex.answer(message.native.id, "survey", "5")',
      handler: answer,
    },
    {
      signature: "flex.answered(string): map",
      doc: "What such data says, or an empty map: flex.answered(event.postback.data).value",
      handler: answered,
    },
  ],
});
