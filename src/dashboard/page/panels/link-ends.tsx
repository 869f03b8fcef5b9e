import { CLIENTS, EVERYONE, type LinkChoice, type Way } from "../logic/links.ts";

interface Props {
  readonly choice: LinkChoice;
  /** Of all ends that a link may have. */
  readonly names: readonly string[];
  readonly onChoose: (choice: LinkChoice) => void;
}

const WAYS: Readonly<Record<Way, string>> = { both: "both ways", out: "only this way →", in: "only back ←" };

/** Between whom, and in which direction. */
export function LinkEnds({ choice, names, onChoose }: Props) {
  const { from, to, way } = choice;
  const nodes = names.filter((name) => name !== CLIENTS);
  return (
    <fieldset class="filters targets">
      <legend>Links</legend>
      <select
        aria-label="From"
        value={from}
        onChange={({ currentTarget }) => onChoose({ ...choice, from: currentTarget.value })}
      >
        <option value="">choose a node</option>
        {nodes.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        aria-label="Direction"
        value={way}
        onChange={({ currentTarget }) => onChoose({ ...choice, way: currentTarget.value as Way })}
      >
        {Object.entries(WAYS).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <select
        aria-label="To"
        value={to}
        onChange={({ currentTarget }) => onChoose({ ...choice, to: currentTarget.value })}
      >
        <option value={EVERYONE}>every other node</option>
        {names
          .filter((name) => name !== from)
          .map((name) => (
            <option key={name}>{name}</option>
          ))}
      </select>
    </fieldset>
  );
}
