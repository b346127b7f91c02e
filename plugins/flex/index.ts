import { defineMapper, SampanError, Type } from "sampan/kit";

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
  ],
});
