/** A time in which the servers refused what the probe asked, and said why. ns. */
export interface Answers {
  /** Class of the error, by the client's table: `NOREPLICAS`. */
  readonly class: string;
  readonly from: number;
  readonly to: number;
  /** How many operations were answered so; 0: the server said so of itself, and the probe did not come to ask. */
  readonly count: number;
  /** Only the server itself said so: how that is known. */
  readonly stated?: { readonly seenBy: "look" | "log"; readonly errorMs?: number };
  /** Who answered the last of them, where the client tells. */
  readonly node?: string;
}
