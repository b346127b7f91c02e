import { describe, onTestFinished, test } from "vitest";
import type { Store } from "../store.ts";
import { storeCases } from "../store-cases.ts";
import { openSqliteStore } from "./open.ts";
import { temporaryFile } from "./test-file.ts";

const places = { "in a file": temporaryFile, "in memory": () => ":memory:" };

describe.each(Object.entries(places))("SQLite %s", (_, place) => {
  test.each(storeCases)("$name", async ({ run }) => {
    await run(async (): Promise<Store> => {
      const store = await openSqliteStore({ file: place(), now: () => 1_790_000_000_000 });
      onTestFinished(() => store.close());
      return store;
    });
  });
});
