import { useState } from "preact/hooks";

/** Copies a text. Where a page from disk may not, it is selected, so that a key press copies it. */
export function CopyButton({ text, from }: { readonly text: string; readonly from: string }) {
  const [said, setSaid] = useState("copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("copied");
    } catch {
      const element = document.getElementById(from);
      if (element) getSelection()?.selectAllChildren(element);
      setSaid("selected: press Ctrl+C");
    }
  };
  return (
    <button type="button" class="quiet copy" onClick={copy} aria-live="polite">
      {said}
    </button>
  );
}
