import type { Result } from "../../../../model/result.ts";

/** The words for what became of an application, as they stand beside a verdict. */
export function AppWords({ result: { app, verdict } }: { readonly result: Pick<Result, "app" | "verdict"> }) {
  return (
    <>
      {(app?.words ?? []).map((word, index) => (
        <span key={word} class={`word ${word} in-${verdict}`}>
          {word}
          {index + 1 < (app?.words.length ?? 0) ? ", " : " "}
        </span>
      ))}
    </>
  );
}
