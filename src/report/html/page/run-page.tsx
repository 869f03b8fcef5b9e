import { useState } from "preact/hooks";
import type { ReportModel } from "../../../model/report-model.ts";
import { Headline } from "./headline.tsx";
import { beforeDuringAfter, rangesOf } from "./logic/time-marks.ts";
import { PANELS } from "./panels/registry.ts";
import { useKeys } from "./parts/use-keys.ts";
import { useOpenOnPaper } from "./parts/use-open-on-paper.ts";
import { Toolbar } from "./toolbar.tsx";
import type { View } from "./view.ts";

/** Everything about one run. The model may be a new one at any time: what the reader has chosen stays. */
export function RunPage({ model }: { readonly model: ReportModel }) {
  const [view, setView] = useState<View>(() => firstView(model));
  const look = (change: Partial<View>) => setView((before) => ({ ...before, ...change }));
  useKeys(model, view, look);
  useOpenOnPaper();
  const panels = PANELS.filter(({ applies }) => applies(model));
  return (
    <>
      <a class="skip" href="#timeline">
        Skip to the timeline
      </a>
      <Headline model={model} />
      <Toolbar model={model} view={view} look={look} panels={panels} />
      <main>
        {panels.map(({ id, title, hint, Panel }) => (
          <section key={id} id={id} class="panel" aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`}>{title}</h2>
            {hint !== undefined && <p class="hint">{hint}</p>}
            <Panel model={model} view={view} look={look} />
          </section>
        ))}
      </main>
      <footer>
        valkey-drill {model.tool} · run {model.runId}
      </footer>
    </>
  );
}

function firstView(model: ReportModel): View {
  const [whole] = rangesOf(model);
  const during = beforeDuringAfter(model).find(({ label }) => label === "during");
  return {
    atMs: during?.atMs ?? 0,
    range: { fromMs: whole?.fromMs ?? 0, toMs: whole?.toMs ?? 1 },
    nodes: [],
    near: false,
  };
}
