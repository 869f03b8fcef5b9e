import { Figure } from "../../report/html/page/parts/figure.tsx";
import { formatMs, formatNumber } from "../../report/numbers.ts";
import { probesAt } from "./logic/app.ts";
import { nodesAt } from "./logic/nodes-at.ts";
import { rateAt } from "./logic/series.ts";
import { rivalsAmong, seemsOver, stateAt } from "./logic/state.ts";
import { clock } from "./parts/clock.ts";
import type { Contact, Session } from "./store.ts";
import type { LivePanelProps } from "./view.ts";

/** What is so at a glance: who is primary, does it serve, what is broken. */
export function Headline(props: LivePanelProps & { readonly contact: Contact }) {
  const { session, atMs, contact, view } = props;
  const { setup, status } = session;
  const nodes = nodesAt(session, atMs);
  const { looks, words } = stateAt(session, atMs, nodes, contact);
  const rate = rateAt(session, atMs);
  const rivals = rivalsAmong(session, nodes);
  // Where nothing but an application is asked, nothing is to be said of other operations.
  const alone = session.total === 0 && session.app.probes.size > 0;
  const primaries = nodes
    .filter(({ role, reachable }) => role === "primary" && reachable)
    .map(({ node }) => node.name);
  return (
    <header class={`headline ${looks}`}>
      <div class="title">
        <h1>
          <span class={`verdict big ${looks}`}>{words}</span> <span class="name">{setup.title}</span>
        </h1>
        <p class="faint">
          {setup.kind === "ha" ? "HA with Sentinels" : "Cluster"} · Valkey {setup.valkey} · {setup.driver}{" "}
          driver · {status.client} · {setup.nodes.length} nodes
          {view.stoppedMs !== null && <> · as it was at {clock(atMs)}</>}
        </p>
        {contact !== "connected" && (
          <p class="lost" role="alert">
            {contact === "gone"
              ? "The session is over: what is shown is its end."
              : "No connection; trying again…"}
          </p>
        )}
      </div>
      <dl class="figures">
        <Figure
          name={primaries.length > 1 ? "Primaries" : "Primary"}
          value={primaries.length > 1 ? String(primaries.length) : (primaries[0] ?? "none")}
          {...(primaries.length > 1 && { note: primaries.join(", ") })}
          bad={primaries.length === 0 || rivals.length > 0}
        />
        <AppFigures session={session} atMs={atMs} />
        {!alone && (
          <>
            <Figure
              name="Operations"
              value={`${formatNumber(rate.okPerSecond)}/s`}
              note="ok, in the last second"
            />
            <Figure
              name="Errors"
              value={`${formatNumber(rate.badPerSecond)}/s`}
              note="failed or unknown"
              bad={rate.badPerSecond > 0}
            />
            <Figure
              name="99% within"
              value={rate.p99Ms === null ? "—" : formatMs(rate.p99Ms)}
              note="of those that ended ok"
            />
            <Outage session={session} kind="writes" atMs={atMs} />
            <Outage session={session} kind="reads" atMs={atMs} />
          </>
        )}
      </dl>
    </header>
  );
}

/** Probes that have a figure of their own; all are in the application's panel. */
const PROBES_SHOWN = 4;

/** How the application's probes go at that moment. */
function AppFigures({ session, atMs }: { readonly session: Session; readonly atMs: number }) {
  return (
    <>
      {probesAt(session, atMs)
        .slice(0, PROBES_SHOWN)
        .map(({ name, state, words, okPerSecond }) => (
          <Figure
            key={name}
            name={`Application: ${name}`}
            value={
              state === "hanging" ? "hangs" : state === "failing" ? "fails" : `${formatNumber(okPerSecond)}/s`
            }
            note={words}
            bad={state === "hanging" || state === "failing"}
          />
        ))}
    </>
  );
}

/** The outage that goes on at that moment, or the last one before it. */
function Outage({
  session,
  kind,
  atMs,
}: {
  readonly session: Session;
  readonly kind: "writes" | "reads";
  readonly atMs: number;
}) {
  const begun = session.outages.filter((outage) => outage.kind === kind && outage.fromMs <= atMs);
  // Of several shards: the one that is out for longest, else the one that was out last.
  const last =
    begun.find(({ toMs = Number.POSITIVE_INFINITY }) => toMs > atMs) ??
    begun.toSorted((a, b) => (a.toMs ?? 0) - (b.toMs ?? 0)).at(-1);
  const going = last !== undefined && (last.toMs === undefined || last.toMs > atMs);
  const name = kind === "writes" ? "Write outage" : "Read outage";
  if (last === undefined) {
    const isMeasured = session.watched.some((watch) => watch.kind === kind && watch.fromMs <= atMs);
    return isMeasured ? (
      <Figure name={name} value="none" note="seen so far" />
    ) : (
      <Figure name={name} value="—" note="not measured: no probe has run" />
    );
  }
  const over = going && seemsOver(last, atMs);
  const lasted = (over ? (last.seeminglyToMs ?? atMs) : going ? atMs : (last.toMs ?? atMs)) - last.fromMs;
  const how = over
    ? "succeeding again; not yet for long enough"
    : going
      ? "and going on"
      : `the last, at ${clock(last.fromMs)}${last.endUnseen ? "; its end was not seen" : ""}`;
  return (
    <Figure
      name={name}
      value={formatMs(Math.max(0, lasted))}
      note={`${last.shard === undefined ? "" : `shard ${last.shard}, `}${how}`}
      bad={going && !over}
    />
  );
}
