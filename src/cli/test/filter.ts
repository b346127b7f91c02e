/** Holds for texts with all of these words in them, in any order and case; for every text when there are none. */
export function filterOf(words: string | undefined): (text: string) => boolean {
  const wanted = (words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => {
    const lower = text.toLowerCase();
    return wanted.every((word) => lower.includes(word));
  };
}
