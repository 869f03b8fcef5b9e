import type { Fate } from "../../../../model/report-model.ts";

/** How a fate is drawn and told, those first that one must not overlook. */
export const FATE_LOOKS: readonly { readonly fate: Fate; readonly mark: string; readonly words: string }[] = [
  { fate: "lost", mark: "▼", words: "acknowledged, and gone" },
  { fate: "phantom", mark: "◆", words: "surely refused, yet there" },
  { fate: "changed", mark: "◆", words: "another value is there" },
  { fate: "unknown", mark: "?", words: "could not be read at the end" },
  { fate: "recovered", mark: "▲", words: "not acknowledged, yet there" },
  { fate: "absent", mark: "–", words: "not acknowledged, not there" },
  { fate: "survived", mark: "●", words: "acknowledged, and there" },
];
