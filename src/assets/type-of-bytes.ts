import { fileTypeFromFile } from "file-type";

/** The MIME type that the bytes tell, read here and there and never whole. */
export async function typeOfBytes(path: string): Promise<string | undefined> {
  // A file that only looks like its type (a cut-off archive) is of no known type.
  const found = await fileTypeFromFile(path).catch(() => undefined);
  // A moving PNG is a PNG to everybody who asks for one.
  return found?.mime === "image/apng" ? "image/png" : found?.mime;
}
