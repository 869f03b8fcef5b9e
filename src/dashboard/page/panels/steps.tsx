import type { LivePanelProps } from "../view.ts";

const MARKS = { waiting: "·", begin: "▸", done: "✓", timeout: "✗", error: "✗" } as const;
const WORDS = {
  waiting: "to come",
  begin: "going on",
  done: "done",
  timeout: "not in time",
  error: "could not be done",
} as const;

/** The steps of the drill that is followed, and how it ended. */
export function Steps({ session }: LivePanelProps) {
  const { steps, ended } = session.status;
  return (
    <section class="panel" aria-labelledby="steps-title">
      <h2 id="steps-title">Drill</h2>
      {ended !== null && (
        <p class={`ended verdict ${ended.verdict}`} role="status">
          {ended.text}{" "}
          {ended.report !== null && (
            <a href={ended.report} target="_blank" rel="noopener">
              Open the report
            </a>
          )}
        </p>
      )}
      <ol class="steps">
        {steps.map(({ index, name, status, detail }) => (
          <li key={index} class={status} aria-current={status === "begin" ? "step" : undefined}>
            <span class="mark" aria-hidden="true">
              {MARKS[status]}
            </span>
            <span>
              {name} <span class="visually-hidden">({WORDS[status]})</span>
              {detail !== undefined && <small>{detail}</small>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
