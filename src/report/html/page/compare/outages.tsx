import { formatMs } from "../../../numbers.ts";
import type { ComparedRun } from "../../compared.ts";
import { type Part, partsOf } from "../logic/parts.ts";
import { faultOf } from "../logic/time-marks.ts";
import { letterOf } from "./differences.ts";

interface Bar {
  readonly letter: string;
  readonly label: string;
  readonly parts: readonly Part[];
}

/** Where the time went: a bar for each fault that disrupted the service, all on one scale, in the same parts where they have the same name. */
export function Outages({ runs }: { readonly runs: readonly ComparedRun[] }) {
  const bars = runs.flatMap(barsOf);
  if (bars.length === 0) return null;
  const longestMs = Math.max(1, ...bars.map(lengthOf));
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ until }) => until)))];
  const look = (name: string) => `part-${names.indexOf(name) % 4}`;
  return (
    <section id="outages" class="panel" aria-labelledby="outages-title">
      <h2 id="outages-title">Where the time went</h2>
      <p class="hint">
        From the last success to the first that lasts; hatched: what the settings make unavoidable.
      </p>
      <ol class="compared-outages">
        {bars.map((bar) => (
          <li key={`${bar.letter} ${bar.label}`}>
            <span class="about">
              <span class="letter">{bar.letter}</span> {bar.label}
            </span>
            <div class="bar" role="img" aria-label={told(bar)}>
              {bar.parts.map(({ until, tookMs, unavoidableMs }) => (
                <span
                  key={until}
                  class={`part ${look(until)}`}
                  title={`${formatMs(tookMs)} until ${until}`}
                  style={{ width: `${(tookMs / longestMs) * 100}%` }}
                >
                  {unavoidableMs > 0 && (
                    <span class="unavoidable" style={{ width: `${(unavoidableMs / tookMs) * 100}%` }} />
                  )}
                  <span class="index">{tookMs / longestMs > 0.03 ? names.indexOf(until) + 1 : ""}</span>
                </span>
              ))}
            </div>
            <strong>{formatMs(lengthOf(bar))}</strong>
          </li>
        ))}
      </ol>
      <ol class="legend">
        {names.map((name, index) => (
          <li key={name}>
            <span class={`swatch ${look(name)}`} aria-hidden="true">
              {index + 1}
            </span>{" "}
            until {name}
          </li>
        ))}
      </ol>
    </section>
  );
}

function barsOf(run: ComparedRun, index: number): Bar[] {
  return run.failovers
    .map((failover) => ({
      letter: letterOf(index),
      label: faultOf(run, failover.fault)?.label ?? "",
      parts: partsOf(run, failover),
    }))
    .filter(({ parts }) => parts.length > 0);
}

function told({ letter, label, parts }: Bar): string {
  return `${letter}, ${label}: ${parts.map(({ until, tookMs }) => `${formatMs(tookMs)} until ${until}`).join(", ")}`;
}

function lengthOf({ parts }: Bar): number {
  return parts.reduce((sum, { tookMs }) => sum + tookMs, 0);
}
