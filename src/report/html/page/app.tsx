import type { PageDocument } from "../document.ts";
import { ComparisonPage } from "./compare/comparison-page.tsx";
import { RunPage } from "./run-page.tsx";

/** Chooses the page for what it is given. */
export function App({ document }: { readonly document: PageDocument }) {
  return document.kind === "run" ? (
    <RunPage picture={document.picture} />
  ) : (
    <ComparisonPage runs={document.runs} />
  );
}
