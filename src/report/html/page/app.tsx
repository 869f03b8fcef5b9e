import type { PageDocument } from "../document.ts";
import { BakeoffPage } from "./bakeoff/bakeoff-page.tsx";
import { ComparisonPage } from "./compare/comparison-page.tsx";
import { ExplanationPage } from "./explanation/explanation-page.tsx";
import { RunPage } from "./run-page.tsx";

/** Chooses the page for what it is given. */
export function App({ document }: { readonly document: PageDocument }) {
  switch (document.kind) {
    case "run":
      return <RunPage model={document.model} />;
    case "comparison":
      return <ComparisonPage runs={document.runs} />;
    case "explanation":
      return <ExplanationPage explanation={document.explanation} systems={document.systems} />;
    case "bakeoff":
      return <BakeoffPage bakeoff={document.bakeoff} runs={document.runs} />;
  }
}
