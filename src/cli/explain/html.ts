import type { Explanation } from "./play.ts";
import { sectionsOf } from "./text.ts";

/** One file that needs nothing else: no script, no font, nothing from elsewhere. All text is escaped. */
export function explanationHtml(explanation: Explanation): string {
  const sections = sectionsOf(explanation).map(
    ({ title, lines }) =>
      `<details open><summary>${escaped(title)}</summary><pre>${escaped(lines.join("\n"))}</pre></details>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>sampan explain</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:15px system-ui;margin:2em}summary{font-weight:bold;cursor:pointer}pre{white-space:pre-wrap}</style>
</head><body><h1>What becomes of it: ${escaped(explanation.channel)}</h1>
${sections.join("\n")}
</body></html>
`;
}

const escapes: Readonly<Record<string, string>> = {
  ...{ "&": "&amp;", "<": "&lt;", ">": "&gt;" },
  ...{ '"': "&quot;", "'": "&#39;" },
};
const escaped = (text: string) => text.replace(/[&<>"']/g, (each) => escapes[each] ?? "");
