/** What stands for all other nodes at the other end of a link. */
export const EVERYONE = "*";
export const CLIENTS = "clients";

export type Way = "both" | "out" | "in";

export interface LinkChoice {
  readonly from: string;
  readonly to: string;
  readonly way: Way;
}

/** Names of the links (`A>B`) that are meant. */
export function linksOf({ from, to, way }: LinkChoice, nodes: readonly string[]): string[] {
  const others = to === EVERYONE ? nodes : [to];
  return others
    .filter((other) => other !== from)
    .flatMap((other) => [
      ...(way === "in" ? [] : [`${from}>${other}`]),
      ...(way === "out" ? [] : [`${other}>${from}`]),
    ]);
}
