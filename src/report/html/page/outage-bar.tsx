import type { ReportModel } from "../../../model/report-model.ts";
import type { PhaseResult } from "../../../model/result.ts";
import { formatMs } from "../../numbers.ts";
import { type Part, partsOf } from "./logic/parts.ts";
import { faultOf } from "./logic/time-marks.ts";

/** Where the time went, for each fault that disrupted the service: from the last success to the first of the lasting recovery, step by step. */
export function OutageBars({ model }: { readonly model: ReportModel }) {
  const all = model.failovers
    .filter((_, index) => isMeasured(model, index))
    .map((failover) => ({ failover, parts: partsOf(model, failover) }))
    .filter(({ parts }) => parts.length > 0);
  const longestMs = Math.max(1, ...all.map(({ parts }) => lengthOf(parts)));
  return (
    <>
      {all.map(({ failover, parts }) => (
        <section key={failover.fault} class="outage" aria-labelledby={`outage-${failover.fault}`}>
          <h2 id={`outage-${failover.fault}`}>
            Where the time went{" "}
            <small>
              {faultOf(model, failover.fault)?.label}: {summary(parts)}
            </small>
          </h2>
          <div class="bar" aria-hidden="true">
            {parts.map(({ until, tookMs, unavoidableMs }, index) => (
              <span
                key={until}
                class={`part part-${index % 4}`}
                style={{ width: `${(tookMs / longestMs) * 100}%` }}
              >
                {unavoidableMs > 0 && (
                  <span class="unavoidable" style={{ width: `${(unavoidableMs / tookMs) * 100}%` }} />
                )}
                <span class="index">{tookMs / longestMs > 0.03 ? index + 1 : ""}</span>
              </span>
            ))}
          </div>
          <ol class="parts">
            {parts.map((part, index) => (
              <li key={part.until}>
                <span class={`swatch part-${index % 4}`} aria-hidden="true">
                  {index + 1}
                </span>
                <span>
                  <strong>{formatMs(part.tookMs)}</strong> until {part.until}{" "}
                  <LimitingSetting governedBy={part.governedBy} />
                </span>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

/** Of an outage that ended, and has no length all the same, the tool did not see enough. */
function isMeasured({ failovers, result }: ReportModel, index: number): boolean {
  const ended = failovers[index]?.outages.every(({ intervals }) =>
    intervals.every(({ ended }) => ended === "yes"),
  );
  return !ended || result.failovers[index]?.outageMs !== null;
}

/** The setting that limits a step, with its value, what it makes unavoidable, and what turning it costs. */
export function LimitingSetting({ governedBy }: { readonly governedBy: PhaseResult["governedBy"] }) {
  if (governedBy === undefined) return null;
  const { setting, value, note, unavoidableMs } = governedBy;
  return (
    <span class="limiting-setting">
      {setting === null ? (
        <em>nothing to turn</em>
      ) : (
        <code>
          {setting} {value ?? ""}
        </code>
      )}
      {unavoidableMs !== null && unavoidableMs > 0 && <> at least {formatMs(unavoidableMs)}</>}
      <span class="note">{note}</span>
    </span>
  );
}

function summary(parts: readonly Part[]): string {
  const unavoidableMs = parts.reduce((sum, part) => sum + part.unavoidableMs, 0);
  const least =
    unavoidableMs > 0 ? `, hatched: unavoidable with these settings, ${formatMs(unavoidableMs)}` : "";
  return `${formatMs(lengthOf(parts))} from the last success to the first that lasts${least}`;
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { tookMs }) => sum + tookMs, 0);
}
