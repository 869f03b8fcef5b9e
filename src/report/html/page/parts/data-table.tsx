import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Table } from "../logic/evidence.ts";

const ROWS_SHOWN = 10;
const NUMERIC = /^([+-]?[\d,.]+( m?s| min \d+ s)?|—)$/;

/** A table of texts; columns of numbers stand to the right. Of many rows the first are shown. */
export function DataTable({ table }: { readonly table: Table }) {
  const { title, columns, rows, of } = table;
  const [all, setAll] = useState(false);
  const numeric = columns.map((_, index) => rows.every((row) => NUMERIC.test(row[index] ?? "—")));
  const shown = all ? rows : rows.slice(0, ROWS_SHOWN);
  return (
    <Scroll label={title || "table"}>
      <table>
        {title !== "" && <caption>{title}</caption>}
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th key={column} scope="col" class={numeric[index] ? "number" : ""}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {columns.map((column, at) => (
                <td key={column} class={numeric[at] ? "number" : ""}>
                  {row[at]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > ROWS_SHOWN && !all && (
        <button type="button" class="quiet" onClick={() => setAll(true)}>
          show all {rows.length}
        </button>
      )}
      {of !== undefined && of > rows.length && (
        <p class="faint">
          The first {rows.length} of {of}; all are in result.json.
        </p>
      )}
    </Scroll>
  );
}

/** What may be wider than its place scrolls by itself, with the keyboard as well. */
export function Scroll({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
