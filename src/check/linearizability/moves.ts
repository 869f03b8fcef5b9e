/** What may come next, by the rules that `search` tells. */
export interface Moves {
  /** Moves of all positions on the way here, those of this one last. */
  readonly list: number[];
  /** The operation that returns first of those without a place: nothing called later may come before it. */
  readonly firstToReturn: number;
  /** Places the reads that fit, then puts the moves that may be made now at the end of the list. */
  collect(): void;
  /** Makes a move. `false`: it leads nowhere, and nothing was changed. */
  make(move: number): boolean;
}
