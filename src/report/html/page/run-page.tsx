import { useState } from "preact/hooks";
import type { Picture } from "../../../model/picture.ts";
import { Headline } from "./headline.tsx";
import { beforeDuringAfter, rangesOf } from "./logic/moments.ts";
import { PANELS } from "./panels/registry.ts";
import { useKeys } from "./parts/use-keys.ts";
import { useOpenOnPaper } from "./parts/use-open-on-paper.ts";
import { Toolbar } from "./toolbar.tsx";
import type { View } from "./view.ts";

/** Everything about one run. The picture may be a new one at any time: what the reader has chosen stays. */
export function RunPage({ picture }: { readonly picture: Picture }) {
  const [view, setView] = useState<View>(() => firstView(picture));
  const look = (change: Partial<View>) => setView((before) => ({ ...before, ...change }));
  useKeys(picture, view, look);
  useOpenOnPaper();
  const panels = PANELS.filter(({ applies }) => applies(picture));
  return (
    <>
      <a class="skip" href="#timeline">
        Skip to the timeline
      </a>
      <Headline picture={picture} />
      <Toolbar picture={picture} view={view} look={look} panels={panels} />
      <main>
        {panels.map(({ id, title, hint, Panel }) => (
          <section key={id} id={id} class="panel" aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`}>{title}</h2>
            {hint !== undefined && <p class="hint">{hint}</p>}
            <Panel picture={picture} view={view} look={look} />
          </section>
        ))}
      </main>
      <footer>
        valkey-drill {picture.tool} · run {picture.runId}
      </footer>
    </>
  );
}

function firstView(picture: Picture): View {
  const [whole] = rangesOf(picture);
  const during = beforeDuringAfter(picture).find(({ label }) => label === "during");
  return {
    atMs: during?.atMs ?? 0,
    range: { fromMs: whole?.fromMs ?? 0, toMs: whole?.toMs ?? 1 },
    nodes: [],
    near: false,
  };
}
