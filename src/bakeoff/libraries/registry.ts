import { iovalkey } from "./iovalkey.ts";
import type { Library } from "./library.ts";

/** The libraries of the bake-off, in the order of its tables. */
export const LIBRARIES: readonly Library[] = [iovalkey];
