import { CopyButton } from "../../../report/html/page/parts/copy-button.tsx";
import { Scroll } from "../../../report/html/page/parts/data-table.tsx";
import { RefusalText } from "../parts/refusal.tsx";
import { useOrder } from "../parts/use-order.ts";
import type { LivePanelProps } from "../view.ts";

/** The session as a run, judged by the checkers, and as a drill that does the same again. */
export function Exports(_: LivePanelProps) {
  const run = useOrder("export-run");
  const scenario = useOrder("export-scenario");
  return (
    <section class="panel" aria-labelledby="exports-title">
      <h2 id="exports-title">Keep this session</h2>
      <p class="hint">
        As a run: its history, judged, with a report. The workload pauses while every key is read back. As a
        scenario: what was clicked, as a drill for <code>valkey-drill run</code>.
      </p>
      <div class="row">
        <button type="button" class="quiet" disabled={run.busy} onClick={() => run.give({})}>
          {run.busy ? "Reading back and judging…" : "Save as a run"}
        </button>
        <button
          type="button"
          class="quiet"
          disabled={scenario.busy || run.busy}
          onClick={() => scenario.give({})}
        >
          Show as a scenario
        </button>
      </div>
      <RefusalText text={run.refusal ?? scenario.refusal} />
      {run.answer !== undefined && !run.busy && (
        <p class="exported" role="status">
          <span class={`verdict ${run.answer.verdict}`}>{run.answer.verdict.toUpperCase()}</span>
          {run.answer.accepted}{" "}
          <a href={run.answer.report} target="_blank" rel="noopener">
            Open the report
          </a>
          <br />
          <code>{run.answer.dir}</code>
        </p>
      )}
      {scenario.answer !== undefined && <ScenarioText {...scenario.answer} />}
    </section>
  );
}

function ScenarioText({ name, yaml }: { readonly name: string; readonly yaml: string }) {
  const download = () => {
    const url = URL.createObjectURL(new Blob([yaml], { type: "application/yaml" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: `${name}.yaml` });
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <Scroll label="The session as a scenario">
        <pre id="scenario-text">{yaml}</pre>
      </Scroll>
      <div class="row">
        <button type="button" class="quiet" onClick={download}>
          Download {name}.yaml
        </button>
        <CopyButton text={yaml} from="scenario-text" />
      </div>
    </>
  );
}
