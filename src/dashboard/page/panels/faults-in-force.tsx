import type { LiveFaultWindow } from "../../../model/live.ts";
import { clock } from "../parts/clock.ts";
import { RefusalText } from "../parts/refusal.tsx";
import { useOrder } from "../parts/use-order.ts";
import type { LivePanelProps } from "../view.ts";

/** What is broken now, and a button for each that undoes it. */
export function FaultsInForce({ session, view, atMs }: LivePanelProps) {
  const ordered = useOrder("heal");
  const inForce = session.faults.filter(
    ({ injectMs, healedMs = Number.POSITIVE_INFINITY }) => injectMs <= atMs && atMs < healedMs,
  );
  const now = view.stoppedMs === null;
  if (inForce.length === 0)
    return <p class="faint none">No fault is in force{now ? "" : ` at ${clock(atMs)}`}.</p>;
  return (
    <div class="in-force">
      <ul>
        {inForce.map((fault) => (
          <li key={fault.id}>
            <span class="what">
              <strong>{fault.label}</strong>{" "}
              <small>
                since {clock(fault.injectMs)}
                {stateOf(fault)}
              </small>
            </span>
            {now && (
              <button
                type="button"
                class="quiet"
                disabled={fault.injectedMs === undefined || (fault.healMs !== undefined && ordered.busy)}
                onClick={() => ordered.give({ id: fault.id })}
              >
                Heal<span class="visually-hidden"> {fault.label}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {now && inForce.length > 1 && (
        <button type="button" class="quiet" disabled={ordered.busy} onClick={() => ordered.give({})}>
          Heal all, the last first
        </button>
      )}
      <RefusalText text={ordered.refusal} />
    </div>
  );
}

function stateOf({ injectedMs, healMs }: LiveFaultWindow): string {
  if (injectedMs === undefined) return ", being injected…";
  return healMs === undefined ? "" : ", being healed…";
}
