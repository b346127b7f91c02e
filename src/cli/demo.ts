import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startGateway } from "../gateway.ts";
import { SampanError } from "../kit/index.ts";

interface Demo {
  runDemo(start: typeof startGateway, print: (line: string) => void): Promise<number>;
}

/** Plays the demo conversation against simulated platforms; 0 when everything arrived, else 1. */
export async function runDemo(): Promise<number> {
  // The demo speaks of messengers by name, so it lives outside src/ and is found by its place.
  const file = ["js", "ts"]
    .map((ending) => fileURLToPath(new URL(`../../examples/demo/index.${ending}`, import.meta.url)))
    .find(existsSync);
  if (file === undefined) throw new SampanError("demo.missing", "examples/demo is not installed");
  const demo = (await import(pathToFileURL(file).href)) as Demo;
  return demo.runDemo(startGateway, (line) => void process.stdout.write(`${line}\n`));
}
