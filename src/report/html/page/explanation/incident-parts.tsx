import type { ExplainedIncident, QuotedLine } from "../../../../model/explanation.ts";
import { errorWords, governedWords, reasonWords } from "../../../explanation/places.ts";
import { formatMs } from "../../../numbers.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Scroll } from "../parts/data-table.tsx";

interface Props {
  readonly incident: ExplainedIncident;
  /** Shows the moment of a line. */
  readonly look: (at: string) => void;
}

/** The story of an incident, and what follows from it. */
export function IncidentParts({ incident, look }: Props) {
  const { id, title, story, phases, reasons, losses, advice, settings, rehearsal } = incident;
  const inferred = settings.filter(({ from }) => from === "inferred");
  return (
    <section class="panel incident" id={`incident-${id}`} aria-labelledby={`incident-${id}-title`}>
      <h2 id={`incident-${id}-title`}>{title}</h2>
      <ol class="sentences">
        {story.map(({ text, lines }) => (
          <li key={text}>
            {text} <Places lines={lines} look={look} />
          </li>
        ))}
      </ol>
      {phases.length > 1 && <Phases incident={incident} look={look} />}
      {inferred.map(({ name, value, text }) => (
        <p key={name} class="hint">
          * {name} {value} was inferred: {text}
        </p>
      ))}
      <Told title="Why" items={reasons.map((one) => ({ ...one, text: reasonWords(one) }))} look={look} />
      <Told
        title="What may be lost"
        items={losses.map(({ certainty, text, lines }) => ({ text: `${certainty}: ${text}`, lines }))}
        look={look}
      />
      <Told title="What to change" items={advice} look={look} />
      <details>
        <summary>The drill that rehearses it</summary>
        {rehearsal.notes.map((note) => (
          <p key={note} class="hint">
            {note}
          </p>
        ))}
        <pre class="scroll" id={`scenario-${id}`}>
          {rehearsal.scenario}
        </pre>
        <CopyButton text={rehearsal.scenario} from={`scenario-${id}`} />
      </details>
    </section>
  );
}

function Places({ lines, look }: { readonly lines: readonly QuotedLine[]; readonly look: Props["look"] }) {
  return (
    <span class="places">
      {lines.map((line) => (
        <button
          key={`${line.file}:${line.line}`}
          type="button"
          class="link"
          title={`${line.node}: ${line.text}`}
          onClick={() => look(line.at)}
        >
          {line.file.split("/").slice(-2).join("/")}:{line.line}
        </button>
      ))}
    </span>
  );
}

function Told({
  title,
  items,
  look,
}: {
  readonly title: string;
  readonly items: readonly { readonly text: string; readonly lines: readonly QuotedLine[] }[];
  readonly look: Props["look"];
}) {
  if (items.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="notes">
        {items.map(({ text, lines }) => (
          <li key={text}>
            {text} <Places lines={lines} look={look} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Phases({ incident, look }: Props) {
  return (
    <Scroll label="Phases">
      <table class="phases">
        <caption>Phases</caption>
        <thead>
          <tr>
            <th scope="col">phase</th>
            <th scope="col" class="number">
              since the begin
            </th>
            <th scope="col" class="number">
              step
            </th>
            <th scope="col" class="number">
              at least
            </th>
            <th scope="col">set by</th>
            <th scope="col">told by</th>
          </tr>
        </thead>
        <tbody>
          {incident.phases.map((phase) => {
            const [line] = phase.lines;
            return (
              <tr key={phase.name}>
                <td class={phase.path ? "path" : ""}>
                  {line ? (
                    <button type="button" class="link" onClick={() => look(line.at)}>
                      {phase.name}
                    </button>
                  ) : (
                    phase.name
                  )}
                </td>
                <td class="number">
                  {formatMs(phase.atMs)}
                  <span class="faint"> {errorWords(phase)}</span>
                </td>
                <td class="number">{phase.since === null ? "" : `+${formatMs(phase.tookMs)}`}</td>
                <td class="number">
                  {phase.governedBy?.unavoidableMs ? formatMs(phase.governedBy.unavoidableMs) : ""}
                </td>
                <td>
                  <span title={phase.governedBy?.note}>{governedWords(phase)}</span>
                </td>
                <td class="faint">{line?.node ?? ""}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}
