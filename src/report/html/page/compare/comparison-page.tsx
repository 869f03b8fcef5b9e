import { acceptedWords } from "../../../accepted-words.ts";
import { formatCount } from "../../../numbers.ts";
import type { ComparedRun } from "../../compared.ts";
import { AppWords } from "../parts/app-words.tsx";
import { Scroll } from "../parts/data-table.tsx";
import { VerdictMark } from "../parts/verdict-mark.tsx";
import { differences, figures, letterOf, type Row } from "./differences.ts";
import { LoadLanes } from "./load-lanes.tsx";
import { Outages } from "./outages.tsx";

/** Several runs beside each other: what differs, what came of it, where the time went, and all on one clock. */
export function ComparisonPage({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const different = differences(runs);
  const [first] = runs;
  return (
    <>
      <header class="headline">
        <div class="title">
          <h1>{formatCount(runs.length, "run")} beside each other</h1>
          <p class="faint">{verdicts(runs)}</p>
        </div>
        <ol class="runs">
          {runs.map(({ runId, result, brokenOff }, index) => (
            <li key={runId}>
              <strong class="letter">{letterOf(index)}</strong> <VerdictMark verdict={result.verdict} />{" "}
              <AppWords result={result} />
              {acceptedWords(result)} {result.scenario} <code class="faint">{runId}</code>
              {brokenOff !== null && <span class="faint"> broke off: {brokenOff}</span>}
            </li>
          ))}
        </ol>
      </header>
      <main>
        <section id="figures" class="panel" aria-labelledby="figures-title">
          <h2 id="figures-title">What came of it</h2>
          <p class="hint">▼ the least of all, ▲ the most, where less is better.</p>
          <RunTable label="Figures" runs={runs} rows={figures(runs)} />
        </section>
        <section id="differences" class="panel" aria-labelledby="differences-title">
          <h2 id="differences-title">What was different</h2>
          {different.length > 0 ? (
            <RunTable label="Differences" runs={runs} rows={different} />
          ) : (
            <p>Nothing that was recorded: the same scenario, settings, versions and seed.</p>
          )}
        </section>
        <Outages runs={runs} />
        <section id="load" class="panel" aria-labelledby="load-title">
          <h2 id="load-title">All on one clock</h2>
          <p class="hint">
            Operations per second that ended well (filled), failed or had no answer (line above), from the
            first fault on; hatched: writes failed. Of a run in which only an application was asked: what its
            probes asked.
          </p>
          <LoadLanes runs={runs} />
        </section>
        <section id="checks" class="panel" aria-labelledby="checks-title">
          <h2 id="checks-title">Checks</h2>
          <Checks runs={runs} />
        </section>
      </main>
      <footer>valkey-drill {first?.tool}</footer>
    </>
  );
}

interface TableProps {
  readonly label: string;
  readonly runs: readonly ComparedRun[];
  readonly rows: readonly Row[];
}

function RunTable({ label, runs, rows }: TableProps) {
  return (
    <Scroll label={label}>
      <table>
        <Head runs={runs} />
        <tbody>
          {rows.map(({ name, cells, best = [], worst = [] }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {cells.map((cell, index) => (
                <td
                  key={runs[index]?.runId}
                  class={`number ${worst.includes(index) ? "worst" : best.includes(index) ? "best" : ""}`}
                >
                  {worst.includes(index) && (
                    <span role="img" aria-label="the most">
                      ▲{" "}
                    </span>
                  )}
                  {best.includes(index) && (
                    <span role="img" aria-label="the least">
                      ▼{" "}
                    </span>
                  )}
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Checks({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const names = [...new Set(runs.flatMap(({ result }) => result.checks.map(({ name }) => name)))];
  return (
    <Scroll label="Checks">
      <table>
        <Head runs={runs} />
        <tbody>
          {names.map((name) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {runs.map(({ runId, result }) => {
                const check = result.checks.find((one) => one.name === name);
                const { reason } = check?.evidence ?? {};
                return (
                  <td key={runId} title={check?.summary} class="number">
                    {check === undefined ? "—" : <VerdictMark verdict={check.verdict} />}
                    {typeof reason === "string" && <code class="reason">{reason}</code>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Head({ runs }: { readonly runs: readonly ComparedRun[] }) {
  return (
    <thead>
      <tr>
        <td />
        {runs.map(({ runId, result }, index) => (
          <th key={runId} scope="col" class="number">
            <span class="letter">{letterOf(index)}</span> {result.scenario}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function verdicts(runs: readonly ComparedRun[]): string {
  const of = (verdict: string) => runs.filter(({ result }) => result.verdict === verdict).length;
  return (
    [
      ["pass", "passed"],
      ["fail", "failed"],
      ["unknown", "unknown"],
    ] as const
  )
    .filter(([verdict]) => of(verdict) > 0)
    .map(([verdict, word]) => `${of(verdict)} ${word}`)
    .join(" · ");
}
