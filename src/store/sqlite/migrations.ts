import type { Database } from "better-sqlite3";
import { SampanError } from "../../kit/errors.ts";

/**
 * Number `n` brings a file from version `n - 1` to `n`. Never change one that was released: add one.
 *
 * The partial indexes hold only what is open or parked, so the millions of done rows cost nothing.
 * `seen` keeps the keys of purged events. `woken` is a note from an admin process to the gateway:
 * these rows became ready. `total` counts events by channel and hour of arrival: accepted ones, and
 * by fate those that were purged. `decision` is what people did; `original` what they edited.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE job (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    channel    TEXT NOT NULL,
    lane       TEXT NOT NULL,
    key        TEXT NOT NULL,
    status     TEXT NOT NULL,
    attempts   INT  NOT NULL DEFAULT 0,
    due        INT  NOT NULL,
    created_at INT  NOT NULL,
    settled_at INT,
    parent     INT,
    step       TEXT,
    reason     TEXT,
    detail     TEXT,
    result     TEXT,
    body       TEXT NOT NULL,
    UNIQUE (channel, kind, key)
  ) STRICT;
  CREATE INDEX job_ready   ON job (lane, id, due, kind) WHERE status = 'ready';
  CREATE INDEX job_waiting ON job (id, kind)            WHERE status = 'waiting';
  CREATE INDEX job_failed  ON job (id, kind)            WHERE status = 'failed';
  CREATE INDEX job_held    ON job (id, kind)            WHERE status = 'held';
  CREATE INDEX job_settled ON job (settled_at, kind, status) WHERE settled_at IS NOT NULL;
  CREATE INDEX job_parent  ON job (parent)              WHERE parent IS NOT NULL;

  CREATE TABLE seen (
    channel TEXT NOT NULL,
    kind    TEXT NOT NULL,
    key     TEXT NOT NULL,
    at      INT  NOT NULL,
    PRIMARY KEY (channel, kind, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX seen_at ON seen (at);

  CREATE TABLE state (
    scope      TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    expires_at INT,
    PRIMARY KEY (scope, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX state_expires ON state (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE woken (id INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE probe (id INTEGER PRIMARY KEY, count INT NOT NULL) STRICT;
  `,
  "ALTER TABLE job ADD COLUMN strikes INT NOT NULL DEFAULT 0",
  `
  -- Of an event that is done: how many deliveries it made.
  ALTER TABLE job ADD COLUMN deliveries INT;
  DROP INDEX job_parent;
  CREATE INDEX job_parent  ON job (parent, kind, status) WHERE parent IS NOT NULL;
  DROP INDEX job_settled;
  CREATE INDEX job_settled ON job (settled_at, id, kind, status) WHERE settled_at IS NOT NULL;

  -- hour: since 1970. fate: accepted, or a fate. rule: what ignored them, else empty.
  CREATE TABLE total (
    channel TEXT NOT NULL,
    hour    INT  NOT NULL,
    fate    TEXT NOT NULL,
    rule    TEXT NOT NULL,
    count   INT  NOT NULL,
    PRIMARY KEY (channel, hour, fate, rule)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO total (channel, hour, fate, rule, count)
    SELECT channel, created_at / 3600000, 'accepted', '', count(*) FROM job
    WHERE kind = 'event' GROUP BY 1, 2;

  CREATE TABLE decision (
    id     INTEGER PRIMARY KEY,
    at     INT  NOT NULL,
    who    TEXT NOT NULL,
    action TEXT NOT NULL,
    job    INT  NOT NULL
  ) STRICT;
  CREATE TABLE original (job INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
  `,
];

/** The version that this Sampan reads and writes. */
export const currentVersion = migrations.length;

/**
 * The file's version.
 * @throws {SampanError} `store.newer`
 */
export function versionOf(database: Database, file: string): number {
  const version = Number(database.pragma("user_version", { simple: true }));
  if (version > currentVersion) {
    throw new SampanError(
      "store.newer",
      `${file} was written by a newer Sampan: it has version ${version}, this one knows ${currentVersion}`,
      { hint: "Start the newer Sampan, or restore the backup from before the upgrade." },
    );
  }
  return version;
}

/** Brings the file to the current version, each step in its own transaction. */
export function migrate(database: Database, file: string): void {
  for (let version = versionOf(database, file); version < currentVersion; version++) {
    const step = migrations[version];
    if (step === undefined) return;
    database.transaction(() => {
      database.exec(step);
      database.pragma(`user_version = ${version + 1}`);
    })();
  }
}
