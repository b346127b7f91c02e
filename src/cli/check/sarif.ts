import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Diagnostic } from "../../kit/index.ts";

/** The findings as SARIF 2.1.0, which code hosts and editors show beside the lines: https://docs.oasis-open.org/sarif/sarif/v2.1.0 */
export function sarif(findings: readonly Diagnostic[], version: string): object {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "sampan", version, rules: codes.map((id) => ({ id })) } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => result(finding, codes)),
      },
    ],
  };
}

function result(finding: Diagnostic, codes: readonly string[]): object {
  const { severity, code, message, hint, file, line, column, length = 1 } = finding;
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: hint === undefined ? message : `${message} (${hint})` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          region: { startLine: line, startColumn: column, endColumn: column + Math.max(1, length) },
        },
      },
    ],
  };
}

const uriOf = (file: string) =>
  isAbsolute(file)
    ? pathToFileURL(file).href
    : file.split(/[\\/]/).map(encodeURIComponent).join("/");
