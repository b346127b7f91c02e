import { distance } from "fastest-levenshtein";

/** The candidate that was probably meant: near enough, or one that begins so. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(2, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const candidate of candidates) {
    const steps = distance(word.toLowerCase(), candidate.toLowerCase());
    if (steps < least && steps < Math.max(word.length, candidate.length)) {
      best = candidate;
      least = steps;
    }
  }
  if (best !== undefined || word.length < 3) return best;
  return [...candidates].find((each) => each.toLowerCase().startsWith(word.toLowerCase()));
}

/** `did you mean "x"?`, and then what there is to choose from. */
export function didYouMean(word: string, candidates: readonly string[], known?: string): string {
  const meant = closest(word, candidates);
  const question = meant === undefined ? [] : [`did you mean "${meant}"?`];
  const list = known === undefined ? [] : [`${known}: ${candidates.join(", ") || "nothing"}`];
  return [...question, ...list].join(" ");
}
