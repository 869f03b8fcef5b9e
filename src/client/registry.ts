import type { ClientLibrary } from "./client.ts";
import { iovalkey } from "./iovalkey/index.ts";

/** The client libraries, the default one first. */
export const CLIENTS: readonly ClientLibrary[] = [iovalkey];
