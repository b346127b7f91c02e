#!/usr/bin/env node
// Dependency-free and in the oldest syntax: an old Node must get as far as this message.
var parts = process.versions.node.split(".").map(Number);
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 19)) {
  console.error(
    "sampan needs Node 22.19 or newer; this is Node " +
      process.versions.node +
      ". `npx sampan` in a project uses the one it brings.",
  );
  process.exit(78);
}
import("../dist/src/cli/main.js").then(
  (cli) => cli.main(process.argv.slice(2)),
  (error) => {
    console.error(
      error && error.code === "ERR_MODULE_NOT_FOUND"
        ? `sampan is not built yet: run \`npm run build\`. ${error.message}`
        : error,
    );
    process.exit(70);
  },
);
