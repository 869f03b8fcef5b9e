import type { ReportModel } from "../../../model/report-model.ts";
import { acceptedWords, replicationNotes } from "../../accepted-words.ts";
import { isOnlyOfApp } from "../../app-words.ts";
import { formatCount, formatMs, formatNumber } from "../../numbers.ts";
import { outageWords } from "../../outage-words.ts";
import { stallWords } from "../../stall-words.ts";
import { AppFigures } from "./app-figures.tsx";
import { notesOf } from "./logic/evidence.ts";
import { storyOf } from "./logic/story.ts";
import { OutageBars } from "./outage-bar.tsx";
import { AppWords } from "./parts/app-words.tsx";
import { Figure } from "./parts/figure.tsx";
import { VerdictMark } from "./parts/verdict-mark.tsx";

/**
 * The first screen: did it hold, how long was the service disrupted, where did the time go, what was lost, what to
 * change.
 */
export function Headline({ model }: { readonly model: ReportModel }) {
  const { result } = model;
  const bad = result.checks.filter(({ verdict }) => verdict !== "pass");
  const checked = result.checks.flatMap(({ evidence }) => notesOf(evidence));
  const advice = [...new Set([...replicationNotes(result), ...checked])];
  return (
    <header class={`headline ${result.verdict}`}>
      {stallWords(result).map((words) => (
        <p key={words} class="stood-still">
          {words}
        </p>
      ))}
      <div class="title">
        <h1>
          <VerdictMark verdict={result.verdict} big /> <AppWords result={result} />
          <span class="name">{result.scenario}</span>
        </h1>
        <p class="faint">{subject(model)}</p>
      </div>
      {acceptedWords(result) !== "" && (
        <p class="accepted">
          <strong>
            {result.verdict.toUpperCase()}
            {acceptedWords(result)}
          </strong>
        </p>
      )}
      <p class="story">{storyOf(model).join(" ")}</p>
      {bad.length > 0 && (
        <ul class="why">
          {bad.map(({ name, verdict, summary, evidence }) => (
            <li key={name}>
              <VerdictMark verdict={verdict} /> <a href={`#check-${name}`}>{name}</a>: {summary}
              {typeof evidence.reason === "string" && <code class="reason">{evidence.reason}</code>}
            </li>
          ))}
        </ul>
      )}
      {result.history?.note && <p class="faint unverified">! {result.history.note}</p>}
      <AppFigures model={model} />
      <Figures model={model} />
      <OutageBars model={model} />
      {advice.length > 0 && (
        <section class="advice" aria-labelledby="advice-title">
          <h2 id="advice-title">What to look at</h2>
          <ul>
            {advice.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
    </header>
  );
}

function Figures({ model }: { readonly model: ReportModel }) {
  const { result, limits } = model;
  const limit = (ms: number | undefined) => (ms === undefined ? undefined : `limit ${formatMs(ms)}`);
  const lost = result.writes.lost;
  const over = (kind: "write" | "read", limitMs = Infinity) =>
    (result.outage[`${kind}Ms`] ?? 0) > limitMs || outageWords(result, kind) === "not recovered";
  if (isOnlyOfApp(result)) return null;
  return (
    <dl class="figures">
      <Figure
        name="Write outage"
        value={outageWords(result, "write")}
        note={limit(limits.writeMs)}
        bad={over("write", limits.writeMs)}
      />
      <Figure
        name="Read outage"
        value={outageWords(result, "read")}
        note={limit(limits.readMs)}
        bad={over("read", limits.readMs)}
      />
      <Figure
        name="Acknowledged writes lost"
        value={formatNumber(lost)}
        note={`of ${formatNumber(result.writes.acknowledged)}`}
        bad={lost > 0}
      />
      <Figure
        name="Operations"
        value={formatNumber(result.operations.total)}
        note={`${formatNumber(result.operations.fail)} failed, ${formatNumber(result.operations.info)} unknown`}
      />
      <Figure
        name="99% within"
        value={formatMs(result.latency.p99Ms)}
        note={`longest ${formatMs(result.latency.maxMs)}`}
      />
    </dl>
  );
}

function subject({ result, waitReplicas }: ReportModel): string {
  const { topology, client, seed, startedAt, durationMs } = result;
  const of = (role: string) => topology.nodes.filter((node) => node.role === role).length;
  return [
    topology.kind === "ha" ? "HA" : "Cluster",
    [
      formatCount(of("primary"), "primary", "primaries"),
      formatCount(of("replica"), "replica"),
      ...(of("sentinel") > 0 ? [formatCount(of("sentinel"), "Sentinel")] : []),
    ].join(", "),
    `Valkey ${topology.valkey}`,
    `${topology.driver} driver`,
    `${client.name} ${client.version}`,
    ...(waitReplicas > 0 ? [`WAIT ${waitReplicas}`] : []),
    `seed ${seed}`,
    `${startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")}, ${formatMs(durationMs)}`,
  ].join(" · ");
}
