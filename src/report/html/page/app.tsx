import type { PageDocument } from "../document.ts";
import { RunPage } from "./run-page.tsx";

/** Chooses the page for what it is given. */
export function App({ document }: { readonly document: PageDocument }) {
  return <RunPage picture={document.picture} />;
}
