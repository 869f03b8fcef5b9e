import type { LiveField } from "../../../model/live.ts";

/** What was typed or chosen, by the name of the option. */
export type Typed = Readonly<Record<string, string | boolean>>;

interface Props {
  readonly fields: readonly LiveField[];
  readonly typed: Typed;
  readonly onType: (name: string, value: string | boolean) => void;
  /** Part of the ids, which must differ on one page. */
  readonly id: string;
}

/** A form made from the options of a fault or a workload. */
export function Fields({ fields, typed, onType, id }: Props) {
  return (
    <div class="fields-grid">
      {fields.map((field) => (
        <label key={field.name} title={field.hint} for={`${id}-${field.name}`}>
          <span>
            {field.name}
            {field.required && <em> required</em>}
          </span>
          <Input
            field={field}
            value={typed[field.name]}
            id={`${id}-${field.name}`}
            onType={(value) => onType(field.name, value)}
          />
          {field.hint !== undefined && <small>{field.hint}</small>}
        </label>
      ))}
    </div>
  );
}

interface InputProps {
  readonly field: LiveField;
  readonly value: string | boolean | undefined;
  readonly id: string;
  readonly onType: (value: string | boolean) => void;
}

function Input({ field, value, id, onType }: InputProps) {
  const { kind, initial, choices = [], min, max, whole } = field;
  if (kind === "switch")
    return (
      <input
        id={id}
        type="checkbox"
        checked={(value ?? initial) === true}
        onChange={(event) => onType(event.currentTarget.checked)}
      />
    );
  const text = String(value ?? initial ?? "");
  if (kind === "choice")
    return (
      <select id={id} value={text} onChange={(event) => onType(event.currentTarget.value)}>
        {initial === undefined && <option value="">–</option>}
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    );
  return (
    <input
      id={id}
      type={kind === "number" ? "number" : "text"}
      value={text}
      min={min}
      max={max}
      step={whole ? 1 : "any"}
      onInput={(event) => onType(event.currentTarget.value)}
    />
  );
}

/** The options as they are sent: what was left alone or emptied is not there, so its default holds. */
export function optionsOf(
  fields: readonly LiveField[],
  typed: Typed,
): Record<string, string | number | boolean> {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }) => {
      const value = typed[name];
      if (value === undefined || value === "") return [];
      return [[name, kind === "number" ? Number(value) : value]];
    }),
  );
}
