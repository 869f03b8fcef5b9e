import { AppDrill, type PlannedApp, planApp } from "../app/app-drill.ts";
import type { RunFolder } from "../history/run-store.ts";
import { messageOf } from "../model/errors.ts";
import type { Scenario } from "../scenario/schema.ts";
import { STEPS } from "../scenario/steps/registry.ts";
import type { Session } from "../session/session.ts";
import type { DrillProgress } from "./progress.ts";

/**
 * The application of a scenario, if it has one, with the ports that it will be given.
 *
 * @throws DrillError `PORT_IN_USE`
 */
export async function plannedApp({ app, probes, expect }: Scenario): Promise<PlannedApp | undefined> {
  if (app === undefined) return undefined;
  const never = expect.app?.logNever;
  return planApp({ app, probes, ...(never !== undefined && { never }) });
}

/** Some step sends by a client of the drill's own. A drill of an application needs none. */
export function sendsItself({ app, steps }: Scenario): boolean {
  return (
    app === undefined ||
    steps.some(({ action, value }) => (STEPS.get(action)?.uses?.(value) ?? []).length > 0)
  );
}

/**
 * Starts the application, does the work while its probes ask it, asks what is to be right afterwards, and stops it.
 * Without an application it does the work alone. What is not right is told, recorded, and left to the checkers.
 */
export async function withApp(
  planned: PlannedApp | undefined,
  { scenario, session, folder, progress }: AppParts,
  work: (app: AppDrill | undefined) => Promise<void>,
): Promise<void> {
  if (planned === undefined) return work(undefined);
  const tell = async (title: string, done: string, ask: () => Promise<string[]>) => {
    const step = progress.step(title);
    try {
      const wrong = await ask();
      if (wrong.length === 0) step.done(done);
      else step.fail(wrong.join("; "));
    } catch (error) {
      step.fail(messageOf(error));
      throw error;
    }
  };
  const { instances, url, command } = planned.use.app;
  const app = new AppDrill(planned, session, {
    dir: folder.dir,
    hasOwnClients: sendsItself(scenario),
    prefix: `${session.random.fork("app").hex(8)}-`,
  });
  const what = `${instances} ${instances === 1 ? "instance" : "instances"} ready`;
  await tell(`start the application${command === undefined ? "" : `: ${command}`}`, url ?? what, () =>
    app.begin(),
  );
  await work(app);
  await tell("ask the application what became of it", "all is right", () => app.afterSteps());
  await app.stop();
}

interface AppParts {
  readonly scenario: Scenario;
  readonly session: Session;
  readonly folder: RunFolder;
  readonly progress: DrillProgress;
}
