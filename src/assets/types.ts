/** Types that say nothing about the bytes, as platforms and file stores give them. */
const generic = new Set([
  "",
  "application/octet-stream",
  "binary/octet-stream",
  "application/binary",
  "application/unknown",
  "application/x-download",
  "application/force-download",
  "multipart/form-data",
]);

/** The first extension of a type is the one that names get. */
const extensions: Readonly<Record<string, readonly string[]>> = {
  "image/jpeg": ["jpg", "jpeg", "jfif"],
  "image/png": ["png"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
  "image/heic": ["heic"],
  "image/bmp": ["bmp"],
  "image/tiff": ["tiff", "tif"],
  "image/svg+xml": ["svg"],
  "video/mp4": ["mp4", "m4v"],
  "video/quicktime": ["mov"],
  "video/webm": ["webm"],
  "video/3gpp": ["3gp"],
  "video/mpeg": ["mpg", "mpeg"],
  "audio/mpeg": ["mp3"],
  "audio/mp4": ["m4a", "mp4"],
  "audio/x-m4a": ["m4a"],
  "audio/m4a": ["m4a"],
  "audio/aac": ["aac"],
  "audio/ogg": ["ogg", "oga", "opus"],
  "audio/wav": ["wav"],
  "audio/x-wav": ["wav"],
  "audio/webm": ["weba", "webm"],
  "audio/amr": ["amr"],
  "application/pdf": ["pdf"],
  "application/zip": ["zip"],
  "application/json": ["json"],
  "application/xml": ["xml"],
  "application/rtf": ["rtf"],
  "application/msword": ["doc"],
  "application/vnd.ms-excel": ["xls"],
  "application/vnd.ms-powerpoint": ["ppt"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ["docx"],
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ["xlsx"],
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": ["pptx"],
  "text/plain": ["txt", "log", "text"],
  "text/csv": ["csv"],
  "text/html": ["html", "htm"],
  "text/xml": ["xml"],
  "text/calendar": ["ics"],
  "text/vcard": ["vcf"],
  "text/markdown": ["md"],
};

/** `Image/PNG; charset=x` → `image/png`; what is no MIME type at all → "". */
export function plainType(type: string): string {
  const plain = (type.split(";")[0] ?? "").trim().toLowerCase();
  return /^[a-z0-9][\w.+-]*\/[\w.+-]+$/.test(plain) ? plain : "";
}

/**
 * The type that a file is served as: what the platform says, unless that says nothing or calls
 * something a picture that it is not. `found` is what the bytes say.
 */
export function settleType(declared: string, found: string | undefined, name = ""): string {
  const plain = plainType(declared);
  if (generic.has(plain)) return found ?? typeOfName(name) ?? "application/octet-stream";
  // An SVG is XML, and only its bytes' vocabulary tells it apart.
  const contradicts = plain.startsWith("image/") && found !== undefined && !found.endsWith("/xml");
  return contradicts ? found : plain;
}

/** True when {@link settleType} would listen to what the bytes say. */
export const needsBytes = (declared: string): boolean => {
  const plain = plainType(declared);
  return generic.has(plain) || plain.startsWith("image/");
};

function typeOfName(name: string): string | undefined {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.keys(extensions).find((type) => extensions[type]?.includes(extension));
}

/** True for a type that a browser would run: never shown in place. */
export const isActive = (type: string): boolean =>
  /^(text\/(html|xml|javascript|css)|application\/(javascript|xhtml\+xml|xml|x-shockwave-flash))$|\+xml$/.test(
    type,
  );

/** True when `type` is one of `allowed`, where `image/*` and `*∕*` are understood. */
export function typeIsAllowed(type: string, allowed: readonly string[]): boolean {
  return allowed.some((pattern) => {
    const wanted = pattern.toLowerCase();
    if (wanted === "*/*" || wanted === type) return true;
    return wanted.endsWith("/*") && type.startsWith(wanted.slice(0, -1));
  });
}

/** So many UTF-8 bytes of a name end up in a URL (three characters each); platforms limit URLs to 2000. */
const maxNameBytes = 300;

/** The name as the sender gave it, without what disguises it or breaks a header. `undefined` when nothing is left. */
export function cleanName(name: string | undefined): string | undefined {
  const clean = (name ?? "")
    .toWellFormed()
    .normalize("NFC")
    .replace(/^.*[/\\]/s, "")
    // Control and direction characters.
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "")
    .trim()
    .replace(/^\.+/, "");
  return clean === "" ? undefined : clean;
}

/** A name for a URL: clean, not too long, with an extension that fits `type`. */
export function urlName(name: string | undefined, type: string): string {
  const clean = cleanName(name) ?? fallbackName(type);
  const { stem, extension } = splitName(clean);
  const wanted = extensions[type];
  const fits = wanted === undefined || wanted.includes(extension.toLowerCase());
  const suffix = fits ? extension : (wanted[0] ?? "");
  // Another known extension is wrong and goes; what only looks like one is a part of the name.
  const base = fits || typeOfName(clean) !== undefined ? stem : clean;
  const short = shorten(base, maxNameBytes - suffix.length - 1);
  return suffix === "" ? short : `${short}.${suffix}`;
}

function splitName(name: string): { stem: string; extension: string } {
  const match = /^(.*)\.([A-Za-z0-9]{1,10})$/s.exec(name);
  return match === null
    ? { stem: name, extension: "" }
    : { stem: match[1] ?? "", extension: match[2] ?? "" };
}

const fallbackName = (type: string): string => {
  const [kind = ""] = type.split("/");
  return ["image", "video", "audio"].includes(kind) ? kind : "file";
};

function shorten(text: string, bytes: number): string {
  let short = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += Buffer.byteLength(segment);
    if (used > bytes) break;
    short += segment;
  }
  return short === "" ? "file" : short;
}
