import { toggled } from "../logic/toggled.ts";

interface Props {
  readonly names: readonly string[];
  /** None: all are meant. */
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
}

/** A switch for each node. */
export function NodeChips({ names, chosen, onChoose }: Props) {
  return (
    <>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          class="chip"
          aria-pressed={chosen.includes(name)}
          onClick={() => onChoose(toggled(chosen, name))}
        >
          {name}
        </button>
      ))}
    </>
  );
}
