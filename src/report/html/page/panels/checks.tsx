import type { CheckResult } from "../../../../model/result.ts";
import { shownEvidence } from "../logic/evidence.ts";
import { DataTable } from "../parts/data-table.tsx";
import { VerdictMark } from "../parts/verdict-mark.tsx";
import type { PanelProps } from "../view.ts";
import type { PanelEntry } from "./panel.ts";

/** Every check with its word, and what that rests on. */
export const checks: PanelEntry = {
  id: "checks",
  title: "Checks, and what they rest on",
  short: "checks",
  applies: ({ result }) => result.checks.length > 0,
  Panel: ({ model }: PanelProps) => (
    <>
      {model.result.checks.map((check) => (
        <Check key={check.name} check={check} />
      ))}
    </>
  ),
};

function Check({ check }: { readonly check: CheckResult }) {
  const { name, verdict, summary, evidence } = check;
  const { reason, fields, tables, notes } = shownEvidence(evidence);
  return (
    <details id={`check-${name}`} class={`check ${verdict}`} open={verdict !== "pass"}>
      <summary>
        <VerdictMark verdict={verdict} /> <strong>{name}</strong> <span>{summary}</span>
      </summary>
      <div>
        {reason !== undefined && (
          <p>
            reason <code>{reason}</code>
          </p>
        )}
        {tables.map((table) => (
          <DataTable key={table.title} table={table} />
        ))}
        {fields.length > 0 && (
          <dl class="fields">
            {fields.map(([field, text]) => (
              <div key={field}>
                <dt>{field}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        )}
        {notes.length > 0 && (
          <ul class="notes">
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        {reason === undefined && fields.length + tables.length + notes.length === 0 && (
          <p class="faint">Nothing more to tell.</p>
        )}
      </div>
    </details>
  );
}
