import { useEffect, useState } from "preact/hooks";
import { Headline } from "./headline.tsx";
import { Application } from "./panels/application.tsx";
import { Charts } from "./panels/charts.tsx";
import { Events } from "./panels/events.tsx";
import { Exports } from "./panels/exports.tsx";
import { Faults } from "./panels/faults.tsx";
import { Keys } from "./panels/keys.tsx";
import { Steps } from "./panels/steps.tsx";
import { Topology } from "./panels/topology.tsx";
import { Workload } from "./panels/workload.tsx";
import type { LiveStore } from "./store.ts";
import { TimeBar } from "./time-bar.tsx";
import { type LivePanelProps, type LiveView, rangeOf } from "./view.ts";

const FIRST_SPAN_MS = 60_000;

/** The whole page: now, or as it was at any moment of the session. */
export function App({ store }: { readonly store: LiveStore }) {
  const [, redraw] = useState(0);
  const [view, setView] = useState<LiveView>({ stoppedMs: null, spanMs: FIRST_SPAN_MS, chosen: [] });
  useEffect(() => store.subscribe(() => redraw((count) => count + 1)), [store]);
  const { session, contact } = store;
  const id = session?.setup.id;
  // Another session has another time, and other nodes.
  useEffect(() => setView((before) => ({ ...before, stoppedMs: null, chosen: [] })), [id]);
  if (session === undefined) {
    return (
      <p class="waiting">
        {contact === "gone" ? "There is no session here any more." : "Waiting for the session…"}
      </p>
    );
  }
  const props: LivePanelProps = {
    session,
    view,
    atMs: view.stoppedMs ?? session.nowMs,
    range: rangeOf(session, view),
    look: (change) => setView((before) => ({ ...before, ...change })),
  };
  const play = session.setup.mode === "play";
  return (
    <>
      <a class="skip" href="#events">
        Skip to the event log
      </a>
      <Headline {...props} contact={contact} />
      <TimeBar {...props} />
      <main class="live">
        <div class="column">
          <Topology {...props} />
          {play && <Application {...props} />}
          <Charts {...props} />
        </div>
        <div class="column side">
          {play ? <Faults {...props} /> : <Steps {...props} />}
          {!play && <Application {...props} />}
          {play && <Workload {...props} />}
          {play && <Exports {...props} />}
          {play && <Keys {...props} />}
        </div>
      </main>
      <Events {...props} />
      <footer>valkey-drill · {session.setup.title} · only on this machine, at this address</footer>
    </>
  );
}
