/** How long a sound or film plays, in milliseconds; `undefined` when it does not say. Reads it as it goes, never whole. */
export async function durationOf(path: string): Promise<number | undefined> {
  // Loaded with the first sound, like sharp with the first picture.
  const { parseFile } = await import("music-metadata");
  // What cannot be parsed is sent all the same: the sender may have given any type to any bytes.
  const found = await parseFile(path, { duration: true, skipCovers: true }).catch(() => undefined);
  const durationMs = Math.round((found?.format.duration ?? 0) * 1000);
  return durationMs > 0 ? durationMs : undefined;
}
