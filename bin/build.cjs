// Builds dist/ when the sources differ from what it was built from.
// npm runs `prepare` not only after `npm ci` but also when `npx sampan` is first used in a checkout, and then
// several at once: so an up-to-date dist/ is left alone, and a new one takes its place in one step.
const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const dist = join(root, "dist");
const sources = ["src", "plugins", "examples/demo", "tsconfig.json", "tsconfig.build.json"];

function files(path) {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!/\.[a-z]+$/.test(path)) {
    const names = readdirSync(full).sort();
    return names.flatMap((name) => files(`${path}/${name}`));
  }
  return /\.(ts|json)$/.test(path) ? [path] : [];
}

const hash = createHash("sha256");
for (const file of sources.flatMap(files)) hash.update(file).update(readFileSync(join(root, file)));
const wanted = hash.digest("hex");
const stamp = join(dist, ".sources");

if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) process.exit(0);

const fresh = `${dist}.${process.pid}`;
const old = `${fresh}.old`;
try {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  execFileSync(tsc, ["-p", "tsconfig.build.json", "--outDir", fresh], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  writeFileSync(join(fresh, ".sources"), wanted);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
} catch (error) {
  // tsc has said what is wrong.
  process.exitCode = error.status || 1;
} finally {
  for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true });
}
