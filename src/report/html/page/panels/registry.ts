import { application } from "./application.tsx";
import { checks } from "./checks.tsx";
import { fates } from "./fates.tsx";
import { linearizability } from "./linearizability.tsx";
import { load } from "./load.tsx";
import { logs } from "./logs.tsx";
import type { PanelEntry } from "./panel.ts";
import { replay } from "./replay.tsx";
import { shards } from "./shards.tsx";
import { timeline } from "./timeline.tsx";

/** In the order in which they are read. */
export const PANELS: readonly PanelEntry[] = [
  timeline,
  application,
  fates,
  load,
  linearizability,
  shards,
  checks,
  logs,
  replay,
];
