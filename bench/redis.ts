import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "../test/harness.ts";

export const isRedisInstalled = () => spawnSync("redis-server", ["--version"]).status === 0;

/** A Redis that writes every command down: with an fsync each, or one a second. */
export async function startRedis(fsync: "always" | "everysec") {
  const folder = mkdtempSync(join(tmpdir(), "sampan-redis-"));
  const port = await freePort();
  const options = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: fsync,
  };
  const argv = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn("redis-server", argv, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`Redis ended with ${code}`)));
    createInterface(child.stdout).on("line", (line) => {
      if (line.includes("Ready to accept connections")) resolve();
    });
  });
  return {
    port,
    stop: () =>
      new Promise<void>((resolve) => {
        child.removeAllListeners("exit");
        child.once("exit", () => {
          rmSync(folder, { recursive: true });
          resolve();
        });
        child.kill("SIGTERM");
      }),
  };
}
