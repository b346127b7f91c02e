import { destination, pino, stdSerializers } from "pino";
import type { Logger } from "./kit/index.ts";

/** A {@link Logger} that can be narrowed: every line of the child carries `bindings`. */
export interface Log extends Logger {
  child(bindings: Readonly<Record<string, unknown>>): Log;
}

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Texts that no line may show, whatever went wrong: the last defence behind not logging them. */
  readonly secrets?: readonly string[];
  /** Where lines go; standard output unless given. */
  write?(line: string): void;
}

/** Shorter ones are words that occur anyway; hiding them would make lines unreadable and hide nothing. */
const shortestSecret = 4;
const hiddenFields = ["authorization", "token", "secret", "password", "cookie"];

/** Makes the log: one line of JSON per entry, written before the call returns. */
export function createLog({ level, secrets = [], write }: LogOptions): Log {
  // Synchronous: a worker would lose the last lines before a crash, and cannot run in a bundle.
  const sink = write === undefined ? destination({ dest: 1, sync: true }) : { write };
  const hide = hider(secrets);
  const serializers = {
    error: stdSerializers.err,
    err: stdSerializers.err,
    cause: stdSerializers.err,
  };
  const redact = {
    paths: hiddenFields.flatMap((name) => [name, `*.${name}`]),
    censor: "•••",
  };
  const options = {
    level,
    base: null,
    serializers,
    redact,
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  return wrap(pino(options, { write: (line: string) => void sink.write(hide(line)) }));
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (bindings) => wrap(logger.child(bindings)),
  };
}

/** Replaces the secrets, also as JSON escapes them and as a URL carries them. */
function hider(secrets: readonly string[]): (line: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  // The longest first: one secret may be the beginning of another.
  const unique = [...new Set(forms)].sort((one, other) => other.length - one.length);
  return (line) => unique.reduce((shown, form) => shown.replaceAll(form, "•••"), line);
}
