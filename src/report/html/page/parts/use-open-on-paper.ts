import { useEffect } from "preact/hooks";

/** Nobody can unfold what is printed: before that all is unfolded. */
export function useOpenOnPaper(): void {
  useEffect(() => {
    const open = () => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    };
    addEventListener("beforeprint", open);
    return () => removeEventListener("beforeprint", open);
  }, []);
}
