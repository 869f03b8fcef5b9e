import type { Explanation } from "../../../../model/explanation.ts";
import { Scroll } from "../parts/data-table.tsx";

/** What the answer rests on, and what it does not know. */
export function Unknown({ explanation }: { readonly explanation: Explanation }) {
  const { unknown, contradictions, warnings, skipped, nodes } = explanation;
  const notes = [...unknown, ...contradictions.map(({ text }) => `Contradiction: ${text}`), ...warnings];
  return (
    <section class="panel" aria-labelledby="known-title">
      <h2 id="known-title">What this rests on</h2>
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <Scroll label="Nodes">
        <table>
          <caption>Nodes</caption>
          <thead>
            <tr>
              {["node", "kind", "role at the end", "version", "clock", "logs"].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {nodes.map(({ name, kind, role, version, clock, files }) => (
              <tr key={name}>
                <td>{name}</td>
                <td>{kind}</td>
                <td>{role ?? ""}</td>
                <td>{version ?? ""}</td>
                <td class="number">{clockWords(clock)}</td>
                <td>{files.join(", ") || "none was given"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {skipped.length > 0 && (
        <details class="left-out">
          <summary>{skipped.length} inputs that were left out</summary>
          <ul class="notes">
            {skipped.map(({ file, why }) => (
              <li key={file}>
                {file}: {why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function clockWords(clock: Explanation["nodes"][number]["clock"]): string {
  if (clock === null) return "";
  const error = clock.errorMs === null ? ", not tied to others" : ` ±${Math.ceil(clock.errorMs)} ms`;
  return `${clock.offsetMs >= 0 ? "+" : "−"}${Math.abs(Math.round(clock.offsetMs))} ms${error}`;
}
