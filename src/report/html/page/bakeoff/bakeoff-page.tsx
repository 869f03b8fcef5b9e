import type { BakeoffCell, BakeoffDocument, Lasted } from "../../../../model/bakeoff.ts";
import { featureOutcome, lostByServers, mostOf, poolsOf } from "../../../bakeoff-cells.ts";
import { formatCount, formatMs, formatNumber } from "../../../numbers.ts";
import type { ComparedRun } from "../../compared.ts";
import { LoadLanes } from "../compare/load-lanes.tsx";
import { Scroll } from "../parts/data-table.tsx";
import { VerdictMark } from "../parts/verdict-mark.tsx";

interface Props {
  readonly bakeoff: BakeoffDocument;
  readonly runs: readonly ComparedRun[];
}

/** A panel for each fault in each topology: all libraries in a table, and under each other on one clock. */
export function BakeoffPage({ bakeoff, runs }: Props) {
  const { valkey, driver, node, seed, runsPerCell, cells, replay, startedAt } = bakeoff;
  const groups = [...new Set(cells.map(groupName))].map((name) => ({
    name,
    id: name.replaceAll(/\W+/g, "-").toLowerCase(),
    cells: cells.filter((cell) => groupName(cell) === name),
  }));
  const libraries = [...new Set(cells.map(({ library, version }) => `${library} ${version}`))];
  return (
    <>
      <header class="headline">
        <div class="title">
          <h1>Bake-off</h1>
          <p class="faint">
            {[
              libraries.join(", "),
              `Valkey ${valkey}`,
              `${driver} driver`,
              `Node ${node}`,
              `seed ${seed}`,
              `${formatCount(runsPerCell, "run")} of each`,
              startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC"),
            ].join(" · ")}
          </p>
        </div>
        <p class="story">{summary(cells)}</p>
        <p>
          <code>{replay}</code>
        </p>
        <nav aria-label="Panels" class="legend">
          {groups.map(({ id, name }) => (
            <a key={id} href={`#${id}`}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main>
        {groups.map(({ id, name, cells: group }) => (
          <section key={id} id={id} class="panel" aria-labelledby={`${id}-title`}>
            <h2 id={`${id}-title`}>{name}</h2>
            <CellTable cells={group} label={name} />
            <Features cells={group} label={`${name}: features`} />
            <Clock cells={group} runs={runs} />
          </section>
        ))}
      </main>
      <footer>valkey-drill {runs[0]?.tool}</footer>
    </>
  );
}

const MEASURES: readonly { readonly title: string; readonly of: (cell: BakeoffCell) => string }[] = [
  { title: "writes failed for", of: ({ writeOutageMs }) => both(writeOutageMs) },
  { title: "to the new primary", of: ({ toNewPrimaryMs }) => both(toNewPrimaryMs) },
  { title: "longest call", of: ({ longestMs }) => both(longestMs) },
  {
    title: "rejected",
    of: most(({ calls }) => Object.values(calls.rejected).reduce((sum, count) => sum + count, 0)),
  },
  { title: "never settled", of: most(({ calls }) => calls.unsettled) },
  { title: "acknowledged, lost by the client", of: most(({ writes }) => writes.lostByClient) },
  { title: "gone with a primary, not replicated", of: most(lostByServers) },
  { title: "rejected, yet done", of: most(({ writes }) => writes.rejectedApplied) },
  { title: "there twice", of: most(({ writes }) => writes.duplicated) },
  { title: "stale reads", of: most(({ staleReads }) => staleReads) },
  { title: "connections after", of: most(({ connections }) => connections.after) },
  { title: "most in 1 s", of: most(({ connections }) => connections.peakPerSecond) },
];

function CellTable({ cells, label }: { readonly cells: readonly BakeoffCell[]; readonly label: string }) {
  return (
    <Scroll label={label}>
      <table class="cells">
        <thead>
          <tr>
            <th scope="col">client</th>
            <th scope="col">verdict</th>
            {MEASURES.map(({ title }) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((cell) => (
            <tr key={nameOf(cell)}>
              <th scope="row">{nameOf(cell)}</th>
              {cell.verdict === "not-supported" ? (
                <td colSpan={MEASURES.length + 1}>
                  not supported: {cell.why}{" "}
                  {cell.issue !== undefined && <a href={cell.issue}>{cell.issue.replace(/^https:../, "")}</a>}
                </td>
              ) : (
                <>
                  <td>
                    <VerdictMark verdict={cell.verdict} />
                    {cell.reasons.map((reason) => (
                      <code key={reason} class="reason">
                        {reason}
                      </code>
                    ))}
                  </td>
                  {MEASURES.map(({ title, of }) => (
                    <td key={title} class="number">
                      {of(cell)}
                    </td>
                  ))}
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      <ul class="why">
        {cells.flatMap((cell) =>
          [...new Set(cell.runs.flatMap(({ notes }) => notes))].map((note) => (
            <li key={`${nameOf(cell)} ${note}`}>
              {nameOf(cell)}: {note}
            </li>
          )),
        )}
      </ul>
    </Scroll>
  );
}

/** Everything else that the libraries offer, if it was used: whether it worked at the end, and what its callers saw. */
function Features({ cells, label }: { readonly cells: readonly BakeoffCell[]; readonly label: string }) {
  const used = cells.filter(({ runs }) => runs.some(({ features }) => features.length > 0));
  const names = [
    ...new Set(
      used.flatMap(({ runs }) => runs.flatMap(({ features }) => features.map((one) => one.feature))),
    ),
  ];
  if (names.length === 0) return null;
  return (
    <Scroll label={label}>
      <table class="cells">
        <thead>
          <tr>
            <th scope="col">client</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {used.map((cell) => (
            <tr key={nameOf(cell)}>
              <th scope="row">{nameOf(cell)}</th>
              {names.map((name) => (
                <td key={name}>{featureText(cell, name)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <ul class="why">
        {[...poolsOf(used)].map(([how, libraries]) => (
          <li key={how}>
            pool of {libraries.join(", ")}: {how}
          </li>
        ))}
      </ul>
    </Scroll>
  );
}

function featureText(cell: BakeoffCell, name: string): string {
  const { works, told } = featureOutcome(cell, name) ?? { works: "—", told: [] };
  return [{ yes: "works", no: "does not work", "not offered": "not offered", "—": "—" }[works], ...told].join(
    "; ",
  );
}

/** The first run of each cell that could be drawn. */
function Clock({ cells, runs }: { readonly cells: readonly BakeoffCell[]; readonly runs: Props["runs"] }) {
  const drawn = cells.flatMap((cell) => {
    const run = runs.find(({ runId }) => cell.runs[0]?.folder.endsWith(runId));
    return run === undefined ? [] : [{ name: nameOf(cell), run }];
  });
  if (drawn.length === 0) return null;
  return (
    <figure>
      <figcaption class="hint">
        Calls per second, since the fault: those that ended well (filled), failed or had no answer (line
        above). A call stands where it was made, however late it ended; hatched: writes failed, or waited.
      </figcaption>
      <LoadLanes runs={drawn.map(({ run }) => run)} names={drawn.map(({ name }) => name)} />
    </figure>
  );
}

function groupName({ kind, scenario }: BakeoffCell): string {
  return `${kind === "ha" ? "HA" : "Cluster"}: ${scenario}`;
}

function nameOf({ library, profile }: BakeoffCell): string {
  return `${library} ${profile}`;
}

function summary(cells: readonly BakeoffCell[]): string {
  const of = (verdict: BakeoffCell["verdict"]) => cells.filter((cell) => cell.verdict === verdict).length;
  const parts = [
    [of("pass"), "passed"],
    [of("fail"), "failed"],
    [of("unknown"), "unknown"],
    [of("not-supported"), "not supported"],
  ] as const;
  return `${parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : [])).join(", ")}.`;
}

/** Median and worst of the runs; one figure where they are the same. */
function both({ median, worst }: BakeoffCell["writeOutageMs"]): string {
  return median === worst ? lasted(median) : `${lasted(median)} / ${lasted(worst)}`;
}

function lasted(value: Lasted): string {
  if (value === null) return "—";
  return value === "endless" ? "no end" : formatMs(value);
}

/** The most of any run. */
function most(read: (run: BakeoffCell["runs"][number]) => number | null): (cell: BakeoffCell) => string {
  return (cell) => {
    const value = mostOf(cell, read);
    return value === null ? "—" : formatNumber(value);
  };
}
