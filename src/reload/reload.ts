import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { type Diagnostic, formatDiagnostic, type Logger } from "../kit/index.ts";
import type { Mapping } from "../mapping/mapping.ts";
import { loadRules, type RuleTexts } from "../project.ts";
import type { Registry } from "../registry.ts";
import { fingerprint, nameOf, type OnDisk, readRules, readSettled, versionOf } from "./read.ts";
import { FolderWatch, type Watched, type WatchFolder } from "./watch.ts";

/** `unchanged`: the files are those that run, or that were refused last. */
export type ReloadResult = "loaded" | "refused" | "unchanged";

/** Who wants to know which rules run. */
export interface RulesObserver {
  /** `version` names the contents of all files; `at` in milliseconds since 1970. */
  loaded(rules: { readonly version: string; readonly at: number }): void;
  /** The files on the disk are broken; `codes` has one entry for each error. */
  refused(codes: readonly string[]): void;
}

export interface RulesParts {
  readonly config: Config;
  readonly registry: Registry;
  /** What was read when the gateway started. */
  readonly ruleTexts: RuleTexts;
  /** Puts the mappings of all channels in the place of those that ran, at once. */
  swap(mappings: ReadonlyMap<string, Mapping>): void;
  readonly observer: RulesObserver;
  readonly log: Logger;
  now(): number;
  /** Another source of file system events, for tests. */
  readonly watchFolder?: WatchFolder;
}

/** The rules of a running gateway. */
export interface LiveRules {
  /** Looks at the files and loads them, also when nothing seems changed. Throws nothing. */
  reload(): Promise<ReloadResult>;
  stop(): void;
}

/** In one entry of the log. */
const mostFaults = 20;

/**
 * Keeps the rules of a running gateway equal to their files, unless those are broken: then the last
 * good ones stay, until the files are mended. Told of changes by the file system, and looks by itself
 * every `rules.poll`. With `rules.reload: false` only when asked.
 */
export function keepRules(parts: RulesParts): LiveRules {
  const { config } = parts;
  const stopped = new AbortController();
  const rules = new Rules(parts, stopped.signal);
  rules.started();
  const settings = new SettingsFile(config, parts.log);
  const reload = async () => {
    await settings.look();
    return rules.look(true);
  };
  if (!config.rules.reload) return { reload, stop: () => stopped.abort() };
  const look = async () => {
    do {
      await rules.look(false);
      await settings.look();
    } while (await watch.follow(rules.watched));
  };
  const watch = new FolderWatch(() => void look(), parts.watchFolder);
  // Also at once: somebody may have edited a file while the gateway started.
  void look();
  const timer = setInterval(look, config.rules.pollMs);
  timer.unref();
  return {
    reload,
    stop() {
      stopped.abort();
      clearInterval(timer);
      watch.close();
    },
  };
}

/** What runs, what was tried last, and the step from one to the next. */
class Rules {
  readonly #parts: RulesParts;
  readonly #signal: AbortSignal;
  #running: RuleTexts;
  /** Fingerprint of what was loaded or refused last. */
  #tried: string;
  #turn: Promise<unknown> = Promise.resolve();
  /** The files and folders that were looked at last. */
  watched: Watched = { files: [], folders: [] };

  constructor(parts: RulesParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#running = parts.ruleTexts;
    this.#tried = fingerprint({ texts: parts.ruleTexts, unreadable: new Map() });
  }

  started(): void {
    const { observer, config, now } = this.#parts;
    observer.loaded({ version: versionOf(this.#running, config), at: now() });
  }

  /** One look at a time; another one that is asked for meanwhile comes after it. */
  look(forced: boolean): Promise<ReloadResult> {
    const turn = this.#turn.then(() => this.#look(forced));
    this.#turn = turn;
    return turn;
  }

  async #look(forced: boolean): Promise<ReloadResult> {
    try {
      const { config } = this.#parts;
      const seen = await readRules(config);
      const { texts, unreadable, folders } = seen;
      this.watched = { files: [config.file, ...texts.keys(), ...unreadable.keys()], folders };
      if (!forced && fingerprint(seen) === this.#tried) return "unchanged";
      const found = await readSettled(config, this.#signal);
      const print = fingerprint(found);
      if (!forced && print === this.#tried) return "unchanged";
      this.#tried = print;
      return this.#take(found);
    } catch (error) {
      if (this.#signal.aborted) return "unchanged";
      const { log, observer } = this.#parts;
      log.error("rules refused; the last good ones stay", { error });
      observer.refused(["unexpected"]);
      return "refused";
    }
  }

  #take({ texts, unreadable }: OnDisk): ReloadResult {
    const { config, registry, observer, log, now, swap } = this.#parts;
    const missing = [...unreadable].map(([file, reason]) => unreadableFile(file, reason));
    const { mappings, diagnostics } =
      missing.length > 0
        ? { mappings: new Map<string, Mapping>(), diagnostics: missing }
        : loadRules(config, registry, texts);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    const changed = changedFiles(this.#running, texts).map((file) => nameOf(file, config.folder));
    const version = versionOf(this.#running, config);
    if (errors.length > 0) {
      observer.refused(errors.map(({ code }) => code));
      log.error("rules refused; the last good ones stay", {
        ...{ version, changed, faults: errors.length, diagnostics: shown(errors) },
      });
      return "refused";
    }
    swap(mappings);
    this.#running = texts;
    const next = versionOf(texts, config);
    observer.loaded({ version: next, at: now() });
    log.info("rules loaded", { version: next, previous: version, changed });
    if (diagnostics.length > 0) log.warn("rules: warnings", { diagnostics: shown(diagnostics) });
    return "loaded";
  }
}

/** gateway.yaml itself is read once, at the start: a half-applied change is worse than a late one. */
class SettingsFile {
  readonly #file: string;
  readonly #log: Logger;
  readonly #started: string;
  #seen: string;

  constructor({ file }: Config, log: Logger) {
    this.#file = file;
    this.#log = log;
    this.#started = readFileSync(file, "utf8");
    this.#seen = this.#started;
  }

  async look(): Promise<void> {
    const text = await readFile(this.#file, "utf8").catch(() => this.#seen);
    if (text === this.#seen) return;
    this.#seen = text;
    const file = this.#file;
    if (text === this.#started) this.#log.info("gateway.yaml is again as it runs", { file });
    else this.#log.warn("gateway.yaml changed; restart the gateway to apply it", { file });
  }
}

const changedFiles = (before: RuleTexts, after: RuleTexts) =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter((file) => before.get(file) !== after.get(file))
    .sort();

const shown = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.slice(0, mostFaults).map(formatDiagnostic);

const unreadableFile = (file: string, reason: string): Diagnostic => ({
  ...{ severity: "error", code: "unreadable-file", file, line: 1, column: 1 },
  message: reason === "ENOENT" ? "there is no such file any more" : `cannot be read: ${reason}`,
  hint: "put it back, or change mapping: in gateway.yaml and restart",
});
