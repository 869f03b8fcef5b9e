import type { Picture } from "../../../../model/picture.ts";
import type { ShownStretch } from "../../../../model/register.ts";
import { StretchPicture } from "../pictures/stretch.tsx";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** The stretch of a register's history that no order explains, drawn as Porcupine does. */
export const linearizability: PanelEntry = {
  id: "linearizability",
  title: "No order explains these answers",
  short: "linearizability",
  hint: "Each bar is an operation from when it was sent to when it was answered. The numbers are the longest order found; the one marked ✗ fits nowhere in it.",
  applies: (picture) => stretchesOf(picture).length > 0,
  Panel: ({ picture, look }: PanelProps) => (
    <>
      {stretchesOf(picture).map((stretch) => (
        <StretchPicture key={stretch.key} stretch={stretch} look={look} />
      ))}
    </>
  ),
};

/** Any check may give stretches as evidence. */
function stretchesOf({ result }: Picture): ShownStretch[] {
  return result.checks.flatMap(({ evidence }) =>
    Array.isArray(evidence.stretches)
      ? (evidence.stretches as ShownStretch[]).filter((one) => Array.isArray(one.operations))
      : [],
  );
}
