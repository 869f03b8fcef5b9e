import { useState } from "preact/hooks";
import { availability, type Place } from "../../../model/availability.ts";
import type { LiveFault } from "../../../model/live.ts";
import { toggled } from "../../../report/html/page/logic/toggled.ts";
import { CLIENTS, EVERYONE, type LinkChoice, linksOf } from "../logic/links.ts";
import { Fields, optionsOf, type Typed } from "../parts/fields.tsx";
import { RefusalText } from "../parts/refusal.tsx";
import { useOrder } from "../parts/use-order.ts";
import type { LivePanelProps } from "../view.ts";
import { FaultsInForce } from "./faults-in-force.tsx";
import { LinkEnds } from "./link-ends.tsx";

/** Every fault that is for this kind of topology, on any node or link, with its options; and what is in force. */
export function Faults(props: LivePanelProps) {
  const { session, view, look } = props;
  const { faults, nodes } = session.setup;
  const [chosen, choose] = useState<string>();
  const [typed, setTyped] = useState<Readonly<Record<string, Typed>>>({});
  const [ends, setEnds] = useState<LinkChoice>({ from: "", to: EVERYONE, way: "both" });
  const ordered = useOrder("inject");
  const fault = faults.find((one) => one.kind === chosen) ?? faults[0];
  if (fault === undefined) return null;
  const { kind } = fault;
  const names = nodes.map(({ name }) => name);
  const ofLinks = fault.targetKind === "links";
  const from = ends.from || view.chosen[0] || "";
  const targets = ofLinks ? (from === "" ? [] : linksOf({ ...ends, from }, names)) : view.chosen;
  const missing = missingWords(fault, targets, nodes);
  const inject = async (event: Event) => {
    event.preventDefault();
    await ordered.give({ fault: kind, targets, options: optionsOf(fault.fields, typed[kind] ?? {}) });
  };
  return (
    <section class="panel" aria-labelledby="faults-title">
      <h2 id="faults-title">Faults</h2>
      <FaultsInForce {...props} />
      <form onSubmit={inject} aria-label="Inject a fault">
        <Kinds faults={faults} chosen={kind} onChoose={choose} />
        <p class="summary">
          <strong>{kind}</strong>: {fault.summary}
        </p>
        {fault.lacks !== null && <p class="refusal">{fault.lacks}</p>}
        {ofLinks ? (
          <LinkEnds choice={{ ...ends, from }} names={[...names, CLIENTS]} onChoose={setEnds} />
        ) : (
          <fieldset class="filters targets">
            <legend>Nodes</legend>
            {nodes.map(({ name, role }) => (
              <button
                key={name}
                type="button"
                class="chip"
                aria-pressed={view.chosen.includes(name)}
                disabled={!onNodes(fault, [{ name, role }]).available}
                onClick={() => look({ chosen: toggled(view.chosen, name) })}
              >
                {name}
              </button>
            ))}
          </fieldset>
        )}
        <Fields
          id={`fault-${kind}`}
          fields={fault.fields}
          typed={typed[kind] ?? {}}
          onType={(name, value) => setTyped({ ...typed, [kind]: { ...typed[kind], [name]: value } })}
        />
        <button
          type="submit"
          class="act"
          disabled={ordered.busy || missing !== undefined || fault.lacks !== null}
        >
          {missing ?? `Inject ${kind}: ${ofLinks ? linkWords({ ...ends, from }) : targets.join(", ")}`}
        </button>
        <RefusalText text={ordered.refusal} />
      </form>
    </section>
  );
}

interface KindsProps {
  readonly faults: readonly LiveFault[];
  readonly chosen: string;
  readonly onChoose: (kind: string) => void;
}

function Kinds({ faults, chosen, onChoose }: KindsProps) {
  const groups = [
    { title: "Faults of nodes", of: faults.filter(({ targetKind }) => targetKind === "nodes") },
    { title: "Faults of links", of: faults.filter(({ targetKind }) => targetKind === "links") },
  ];
  return (
    <>
      {groups.map(({ title, of }) => (
        <fieldset key={title} class="kinds">
          <legend>{title}</legend>
          {of.map(({ kind, summary, lacks }) => (
            <label key={kind} class={`choice ${lacks === null ? "" : "lacking"}`} title={lacks ?? summary}>
              <input
                type="radio"
                name="fault"
                value={kind}
                checked={kind === chosen}
                onChange={() => onChoose(kind)}
              />
              <span>{kind}</span>
            </label>
          ))}
        </fieldset>
      ))}
    </>
  );
}

/** Can those nodes be its targets? */
function onNodes({ kind, dataNodesOnly, sentinelsOnly }: LiveFault, targets: Place["targets"]) {
  return availability(
    kind,
    { ...(dataNodesOnly && { dataNodesOnly }), ...(sentinelsOnly && { sentinelsOnly }) },
    { targets },
  );
}

/** What is still to be chosen, as the button says it; `undefined`: nothing. */
function missingWords(
  fault: LiveFault,
  targets: readonly string[],
  nodes: LivePanelProps["session"]["setup"]["nodes"],
): string | undefined {
  if (targets.length === 0)
    return fault.targetKind === "links" ? "Choose a link first" : "Choose a node first";
  const said = onNodes(
    fault,
    nodes.filter(({ name }) => targets.includes(name)),
  );
  return said.available ? undefined : said.reason;
}

function linkWords({ from, to, way }: LinkChoice): string {
  const other = to === EVERYONE ? "every other node" : to;
  return { both: `${from} ↔ ${other}`, out: `${from} → ${other}`, in: `${other} → ${from}` }[way];
}
