import { pipeline, type Readable, Transform } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** So many streamed bytes may wait to be collected. */
const releaseEvery = 8 * 1024 * 1024;

type Collect = (options: { type: "minor"; execution: "sync" }) => void;
let collect: Collect | undefined;
let waiting = 0;

/**
 * Counts bytes that were streamed, and lets them go in time, which takes about a millisecond. A chunk is garbage as
 * soon as it is written, but lies outside of V8's heap: V8 would let 60 MB of them pile up before it looks.
 */
export function streamed(bytes: number): void {
  waiting += bytes;
  if (waiting < releaseEvery) return;
  waiting = 0;
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as Collect;
  }
  collect({ type: "minor", execution: "sync" });
}

/** The same stream, its bytes counted by {@link streamed}. */
export function counted(source: Readable): Readable {
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      streamed(chunk.length);
      done(null, chunk);
    },
  });
  // An error reaches the reader through the stream itself.
  return pipeline(source, through, () => {});
}
