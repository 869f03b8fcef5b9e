interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly bad?: boolean;
}

/** One figure of a headline: in a `dl`, with what it is measured against below it. */
export function Figure({ name, value, note, bad = false }: FigureProps) {
  return (
    <div class={bad ? "bad" : ""}>
      <dt>{name}</dt>
      <dd>
        <strong>
          {bad && <span aria-hidden="true">▲ </span>}
          {value}
        </strong>
        {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}
