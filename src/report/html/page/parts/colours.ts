/** The page's colours as they are now, for what is drawn on a canvas. */
export interface Colours {
  readonly good: string;
  readonly bad: string;
  readonly doubt: string;
  readonly alt: string;
  readonly strong: string;
  readonly faint: string;
  readonly line: string;
  readonly text: string;
  readonly shade: string;
  readonly heat: string;
}

export function coloursNow(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    good: of("good"),
    bad: of("bad"),
    doubt: of("doubt"),
    alt: of("alt"),
    strong: of("text"),
    faint: of("faint"),
    line: of("line"),
    text: of("faint"),
    shade: of("shade"),
    heat: of("heat"),
  };
}
