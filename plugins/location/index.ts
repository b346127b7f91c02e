import { defineMapper, type Static, Type } from "sampan/kit";

const Config = Type.Object(
  {
    provider: Type.Union([Type.Literal("google"), Type.Literal("osm")], {
      default: "google",
      description: "Whose map the links open",
    }),
  },
  { additionalProperties: false },
);
type Provider = Static<typeof Config>["provider"];

const links: Record<Provider, (latitude: string, longitude: string) => string> = {
  google: (latitude, longitude) => `https://www.google.com/maps?q=${latitude},${longitude}`,
  osm: (latitude, longitude) =>
    `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`,
};

const examples: Record<Provider, string> = {
  google: links.google("13.75", "100.5"),
  osm: links.osm("13.75", "100.5"),
};

/** In plain digits: a map does not read `1e-7`. */
const degrees = (value: number) =>
  Math.abs(value) < 1e-6
    ? value
        .toFixed(7)
        .replace(/\.?0+$/, "")
        .replace(/^-0$/, "0")
    : String(value);

export default defineMapper({
  name: "location",
  summary: "Links to a map",
  config: Config,
  create: ({ provider }) => [
    {
      signature: "location.link(double, double): string",
      doc: `A map at latitude, longitude: location.link(13.75, 100.5) = "${examples[provider]}"`,
      handler: (latitude: number, longitude: number) =>
        links[provider](degrees(latitude), degrees(longitude)),
    },
  ],
});
