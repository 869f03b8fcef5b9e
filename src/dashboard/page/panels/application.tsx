import { useMemo } from "preact/hooks";
import { Chart } from "../../../report/html/page/charts/chart.tsx";
import { Scroll } from "../../../report/html/page/parts/data-table.tsx";
import { formatBytes, formatMs, formatNumber } from "../../../report/numbers.ts";
import { type InstanceAt, instancesAt, type ProbeAt, probeSeries, probesAt } from "../logic/app.ts";
import { chartProps } from "../logic/chart-props.ts";
import { clock } from "../parts/clock.ts";
import { RefusalText } from "../parts/refusal.tsx";
import { useOrder } from "../parts/use-order.ts";
import type { LivePanelProps } from "../view.ts";

/** The application under the drill: its instances, with a button that starts each anew, and its probes as they go. */
export function Application(props: LivePanelProps) {
  const { session, atMs } = props;
  const { app: about } = session.setup;
  const [instances, probes] = [instancesAt(session, atMs), probesAt(session, atMs)];
  if (about === undefined && instances.length + probes.length === 0) return null;
  return (
    <section class="panel application" aria-labelledby="application-title">
      <h2 id="application-title">Application</h2>
      {about !== undefined && (
        <p>{about.started === undefined ? "It ran already." : <code>{about.started}</code>}</p>
      )}
      {instances.length > 0 && <Instances {...props} instances={instances} />}
      {probes.length > 0 && <Probes {...props} probes={probes} />}
    </section>
  );
}

function Instances({
  session,
  view,
  instances,
}: LivePanelProps & { readonly instances: readonly InstanceAt[] }) {
  const ordered = useOrder("restart-app");
  const canRestart =
    session.setup.app?.canRestart === true && view.stoppedMs === null && !session.status.over;
  return (
    <Scroll label="Instances of the application">
      <table class="instances">
        <thead>
          <tr>
            <th scope="col">instance</th>
            <th scope="col">state</th>
            <th scope="col">since</th>
            <th scope="col" class="number">
              memory
            </th>
            {canRestart && <td />}
          </tr>
        </thead>
        <tbody>
          {instances.map(({ name, last, memoryBytes }) => (
            <tr key={name} class={last?.event === "exited" ? "disrupted" : ""}>
              <th scope="row">{name}</th>
              <td>{last?.text ?? "not told yet"}</td>
              <td>{last === undefined ? "—" : clock(last.atMs)}</td>
              <td class="number">{memoryBytes === null ? "—" : formatBytes(memoryBytes)}</td>
              {canRestart && (
                <td>
                  <button
                    type="button"
                    class="quiet"
                    disabled={ordered.busy}
                    onClick={() => ordered.give({ instance: name })}
                  >
                    Restart<span class="visually-hidden"> {name}</span>
                  </button>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <RefusalText text={ordered.refusal} />
    </Scroll>
  );
}

function Probes(props: LivePanelProps & { readonly probes: readonly ProbeAt[] }) {
  const { session, probes } = props;
  const asks = session.setup.app?.asks ?? {};
  return (
    <>
      <Scroll label="Probes">
        <table class="probes">
          <thead>
            <tr>
              <th scope="col">probe</th>
              <th scope="col">state</th>
              <th scope="col" class="number">
                ok
              </th>
              <th scope="col" class="number">
                not ok
              </th>
              <th scope="col" class="number">
                99% within
              </th>
            </tr>
          </thead>
          <tbody>
            {probes.map(({ name, state, words, okPerSecond, badPerSecond, p99Ms }) => (
              <tr key={name} class={state}>
                <th scope="row" title={asks[name]}>
                  {name}
                </th>
                <td>
                  <span aria-hidden="true">{MARKS[state]} </span>
                  {words}
                </td>
                <td class="number">{formatNumber(okPerSecond)}/s</td>
                <td class="number">{formatNumber(badPerSecond)}/s</td>
                <td class="number">{p99Ms === null ? "—" : formatMs(p99Ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {probes.map(({ name }) => (
        <ProbeChart key={name} {...props} name={name} />
      ))}
    </>
  );
}

const MARKS: Readonly<Record<ProbeAt["state"], string>> = {
  well: "✓",
  failing: "✗",
  hanging: "✗",
  unasked: "·",
};

function ProbeChart({ name, ...props }: LivePanelProps & { readonly name: string }) {
  const { session, range } = props;
  const probe = session.app.probes.get(name);
  const { fromMs, toMs } = range;
  const drawn = useMemo(
    () => probe && probeSeries(probe, { fromMs, toMs }, session.nowMs),
    [session.version, session.setup.id, fromMs, toMs],
  );
  if (drawn === undefined) return null;
  const asks = session.setup.app?.asks[name];
  return (
    <Chart
      {...chartProps(props)}
      title={`${name}, answers per second${asks === undefined ? "" : `: ${asks}`}`}
      unit="/s"
      height={90}
      times={drawn.times}
      series={drawn.series}
    />
  );
}
