import { SampanError } from "../kit/errors.ts";

export const isMissing = (error: unknown): boolean =>
  (error as NodeJS.ErrnoException).code === "ENOENT";

/** Rethrows as `asset.storage`: the place where files lie does not work now, the file itself is fine. */
export function storageFault(cause: unknown): never {
  if (cause instanceof SampanError) throw cause;
  const { code, name } = cause as NodeJS.ErrnoException;
  throw new SampanError("asset.storage", `The asset store does not work: ${code ?? name}`, {
    hint: "Check assets: in gateway.yaml, the free space and the rights of its place.",
    cause,
  });
}
