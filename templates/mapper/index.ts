import { defineMapper, Type } from "sampan/kit";

/** At most so many characters stay; the rest is hidden. */
const masked = (text: string, visible: number, sign: string): string => {
  const characters = [...text];
  const hidden = Math.max(0, characters.length - Math.max(0, visible));
  return sign.repeat(hidden) + characters.slice(hidden).join("");
};

export default defineMapper({
  name: "sample",
  summary: "Functions for rules",
  // What gateway.yaml may say under `mappers: { sample: … }`.
  config: Type.Object(
    { sign: Type.String({ minLength: 1, default: "*", description: "Stands for what is hidden" }) },
    { additionalProperties: false },
  ),
  // Pure: a function sees what it is given, no clock, file or network.
  create: ({ sign }) => [
    {
      signature: "sample.mask(string, int): string",
      doc: 'All but the last so many characters hidden: sample.mask("0812345678", 4) = "******5678"',
      handler: (text: string, visible: number) => masked(text, visible, sign),
    },
  ],
});
