import { open, readFile } from "node:fs/promises";

/** Pixels from the top left: red, green, blue. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
}

/** Such pictures are read whole: larger ones stay files. */
const mostBytes = 40 * 1024 * 1024;
const headerBytes = 54;

/**
 * Reads an uncompressed BMP, which sharp does not know: 24 and 32 bits a pixel, or 8 with a palette.
 * `undefined` for other BMPs and for what is none.
 */
export async function readBmp(path: string): Promise<Pixels | undefined> {
  const file = await open(path, "r");
  try {
    const head = Buffer.alloc(headerBytes);
    const { bytesRead } = await file.read(head, 0, headerBytes, 0);
    if (bytesRead < headerBytes || head.toString("latin1", 0, 2) !== "BM") return undefined;
    const { size } = await file.stat();
    return size > mostBytes ? undefined : decode(await readFile(path));
  } finally {
    await file.close();
  }
}

function decode(bytes: Buffer): Pixels | undefined {
  const start = bytes.readUInt32LE(10);
  const infoBytes = bytes.readUInt32LE(14);
  const width = bytes.readInt32LE(18);
  const signedHeight = bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(28);
  const compression = bytes.readUInt32LE(30);
  const height = Math.abs(signedHeight);
  const isPlain = compression === 0 || (compression === 3 && bits === 32);
  if (infoBytes < 40 || width < 1 || height < 1 || !isPlain || ![8, 24, 32].includes(bits))
    return undefined;
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (start + rowBytes * height > bytes.length) return undefined;
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    // A negative height says that the rows run downwards.
    const row = start + rowBytes * (signedHeight < 0 ? y : height - 1 - y);
    for (let x = 0; x < width; x += 1) {
      const from = bits === 8 ? 14 + infoBytes + 4 * (bytes[row + x] ?? 0) : row + (x * bits) / 8;
      const to = (y * width + x) * 3;
      data[to] = bytes[from + 2] ?? 0;
      data[to + 1] = bytes[from + 1] ?? 0;
      data[to + 2] = bytes[from] ?? 0;
    }
  }
  return { data, width, height, channels: 3 };
}
