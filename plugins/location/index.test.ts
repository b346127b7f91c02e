import { mapperCases } from "sampan/kit/testing";
import { describe, test } from "vitest";
import location from "./index.ts";

const link = (latitude: number, longitude: number, gives: string) => ({
  call: "location.link",
  with: [latitude, longitude],
  gives,
});

describe("location with Google", () => {
  const cases = mapperCases(location, {
    config: { provider: "google" },
    badConfigs: [{ provider: "bing" }, { provider: "osm", zoom: 3 }],
    examples: [
      link(13.7563, 100.5018, "https://www.google.com/maps?q=13.7563,100.5018"),
      link(-33, 0, "https://www.google.com/maps?q=-33,0"),
      link(-0.0000001, 1e-8, "https://www.google.com/maps?q=-0.0000001,0"),
    ],
  });
  for (const { name, run } of cases) test(name, run);
});

describe("location with OpenStreetMap", () => {
  const cases = mapperCases(location, {
    config: { provider: "osm" },
    examples: [
      link(13.75, 100.5, "https://www.openstreetmap.org/?mlat=13.75&mlon=100.5#map=17/13.75/100.5"),
    ],
  });
  for (const { name, run } of cases) test(name, run);
});
