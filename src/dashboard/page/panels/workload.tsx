import { useState } from "preact/hooks";
import { Fields, optionsOf, type Typed } from "../parts/fields.tsx";
import { RefusalText } from "../parts/refusal.tsx";
import { useOrder } from "../parts/use-order.ts";
import type { LivePanelProps } from "../view.ts";

/** The load beside the faults: what kind, by which client, how much of it. */
export function Workload({ session }: LivePanelProps) {
  const { workloads, clients } = session.setup;
  const { workload: running, client: using } = session.status;
  const [name, setName] = useState<string | undefined>(undefined);
  const [client, setClient] = useState<string | undefined>(undefined);
  const [typed, setTyped] = useState<Readonly<Record<string, Typed>>>({});
  const started = useOrder("start");
  const stopped = useOrder("stop");
  const chosen = workloads.find((one) => one.name === (name ?? running?.name)) ?? workloads[0];
  if (chosen === undefined) return null;
  const isRunning = running?.name === chosen.name;
  // What runs is where one begins: a rate is changed, the rest stays.
  const now = isRunning
    ? Object.fromEntries(Object.entries(running.options).map(([key, value]) => [key, typedOf(value)]))
    : {};
  const values: Typed = { ...now, ...typed[chosen.name] };
  const busy = started.busy || stopped.busy;
  return (
    <section class="panel" aria-labelledby="workload-title">
      <h2 id="workload-title">Workload</h2>
      <p class="running">
        {running === null ? (
          <span class="faint">Nothing is sent now.</span>
        ) : (
          <>
            <strong>{running.name}</strong> by {using}
            <small> {wordsOf(running.options)}</small>
          </>
        )}
      </p>
      <form
        aria-label="Workload"
        onSubmit={(event) => {
          event.preventDefault();
          void started.give({
            workload: chosen.name,
            client: client ?? using,
            options: optionsOf(chosen.fields, values),
          });
        }}
      >
        <div class="row">
          <label>
            Kind{" "}
            <select value={chosen.name} onChange={({ currentTarget }) => setName(currentTarget.value)}>
              {workloads.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </select>
          </label>
          <label>
            Client{" "}
            <select value={client ?? using} onChange={({ currentTarget }) => setClient(currentTarget.value)}>
              {clients.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
        </div>
        <p class="summary">{chosen.summary}</p>
        <Fields
          id={`workload-${chosen.name}`}
          fields={chosen.fields}
          typed={values}
          onType={(field, value) =>
            setTyped({ ...typed, [chosen.name]: { ...typed[chosen.name], [field]: value } })
          }
        />
        <div class="row">
          <button type="submit" class="act" disabled={busy}>
            {isRunning ? "Apply" : `Start ${chosen.name}`}
          </button>
          <button
            type="button"
            class="quiet"
            disabled={busy || running === null}
            onClick={() => stopped.give({})}
          >
            Stop
          </button>
        </div>
        <RefusalText text={started.refusal ?? stopped.refusal} />
      </form>
    </section>
  );
}

function typedOf(value: unknown): string | boolean {
  return typeof value === "boolean" ? value : typeof value === "object" ? "" : String(value);
}

function wordsOf(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ");
}
