import type { ProbeResult } from "../../../model/app-result.ts";
import type { ReportModel } from "../../../model/report-model.ts";
import { isOut, probeOutageWords } from "../../app-words.ts";
import { formatMs, formatNumber } from "../../numbers.ts";
import { Figure } from "./parts/figure.tsx";

/** Probes of an application that have a figure of their own; the others are in its panel. */
const PROBES_SHOWN = 3;

function countsText({ sent, failed, unknown }: ProbeResult): string {
  return `${formatNumber(failed)} failed, ${formatNumber(unknown)} unknown of ${formatNumber(sent)}`;
}

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
/** Without a count nobody could tell. */
const totalText = (counts: readonly number[]) => (counts.length > 0 ? formatNumber(total(counts)) : "—");

/** The figures of the first screen that tell of the application. */
export function AppFigures({ model }: { readonly model: ReportModel }) {
  const { app } = model.result;
  if (app === undefined) return null;
  const { words, recoveredAfterMs, restarts, probes } = app;
  const lost = probes.flatMap((probe) => probe.lost ?? []);
  const twice = probes.flatMap((probe) => probe.duplicated ?? []);
  return (
    <dl class="figures">
      <Figure
        name="Application recovered"
        value={
          recoveredAfterMs === null
            ? words.includes("STUCK")
              ? "no"
              : "not known"
            : formatMs(recoveredAfterMs)
        }
        note={recoveredAfterMs === null ? undefined : "at most, after a fault"}
        bad={words.includes("STUCK")}
      />
      {probes
        .filter(({ is }) => is === "write" || is === "read")
        .slice(0, PROBES_SHOWN)
        .map((probe) => (
          <Figure
            key={probe.name}
            name={`${probe.name}: outage`}
            value={probeOutageWords(probe)}
            note={countsText(probe)}
            bad={isOut(probe)}
          />
        ))}
      {lost.length + twice.length > 0 && (
        <Figure
          name="Writes lost, duplicated"
          value={`${totalText(lost)}, ${totalText(twice)}`}
          bad={total(lost) + total(twice) > 0}
        />
      )}
      <Figure name="Restarts" value={formatNumber(restarts)} bad={words.includes("DIED")} />
    </dl>
  );
}
