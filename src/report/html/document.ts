import type { Picture } from "../../model/picture.ts";

/** What a page is given. Its `kind` lets other pages than that of a run come beside it. */
export interface PageDocument {
  readonly kind: "run";
  readonly picture: Picture;
}
