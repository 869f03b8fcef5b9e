import { useEffect, useState } from "preact/hooks";

/** Changes whenever colours do, so that what is drawn on a canvas is drawn anew: light, dark, or on paper. */
export function useTheme(): string {
  const [theme, setTheme] = useState(themeNow);
  useEffect(() => {
    const queries = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
    const update = () => setTheme(themeNow());
    for (const query of queries) query.addEventListener("change", update);
    return () => {
      for (const query of queries) query.removeEventListener("change", update);
    };
  }, []);
  return theme;
}

function themeNow(): string {
  if (matchMedia("print").matches) return "print";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
