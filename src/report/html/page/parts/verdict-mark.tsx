import type { Verdict } from "../../../../model/outcome.ts";

const LOOKS: Readonly<Record<Verdict, { mark: string; word: string }>> = {
  pass: { mark: "✓", word: "PASS" },
  fail: { mark: "✗", word: "FAIL" },
  unknown: { mark: "?", word: "UNKNOWN" },
};

/** A verdict by mark, word and colour: each alone would do. */
export function VerdictMark({ verdict, big = false }: { readonly verdict: Verdict; readonly big?: boolean }) {
  const { mark, word } = LOOKS[verdict];
  return (
    <span class={`verdict ${verdict} ${big ? "big" : ""}`}>
      <span aria-hidden="true">{mark}</span> {word}
    </span>
  );
}
