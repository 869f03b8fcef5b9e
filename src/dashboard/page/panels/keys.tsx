import { useState } from "preact/hooks";
import { Scroll } from "../../../report/html/page/parts/data-table.tsx";
import { RefusalText } from "../parts/refusal.tsx";
import { useOrder } from "../parts/use-order.ts";
import type { LivePanelProps } from "../view.ts";

/** What each node holds under a key: where two primaries were, they differ. */
export function Keys(_: LivePanelProps) {
  const [key, setKey] = useState("");
  const asked = useOrder("look");
  return (
    <section class="panel" aria-labelledby="keys-title">
      <h2 id="keys-title">What each node holds</h2>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void asked.give({ key });
        }}
      >
        <label class="grow">
          <span class="visually-hidden">Key</span>
          <input
            type="search"
            value={key}
            placeholder="a key"
            required
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="quiet" disabled={asked.busy}>
          Look
        </button>
      </form>
      <RefusalText text={asked.refusal} />
      {asked.answer !== undefined && (
        <Scroll label="What each node holds">
          <table class="held">
            {asked.answer.slot !== null && <caption>Slot {asked.answer.slot}</caption>}
            <tbody>
              {asked.answer.nodes.map(({ node, role, value }) => (
                <tr key={node}>
                  <th scope="row">{node}</th>
                  <td class="faint">{role}</td>
                  <td class="value">{value}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}
