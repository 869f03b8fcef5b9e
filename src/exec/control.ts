import { ACTIONS } from "./actions/registry.ts";
import { ActionRuns } from "./actions/runs.ts";
import type { BodyOf, EndpointName } from "./endpoints.ts";
import type { ExecSession } from "./exec-session.ts";
import { checkKind } from "./injected-faults.ts";

/** What a request says besides its body. */
export interface Asked {
  /** The part of the path that names a fault or an action; empty where there is none. */
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
}

/** What each endpoint does with a body, as it was read. */
export type ExecControl = {
  readonly [Name in Exclude<EndpointName, "openapi" | "history">]: (
    body: BodyOf<Name>,
    asked: Asked,
  ) => Promise<object>;
} & {
  history(): Promise<ReadableStream<Uint8Array>>;
  /** As go-redis asks for them: the names alone. */
  actionTypes(): Promise<readonly string[]>;
};

/** The endpoints on a session. */
export function controlOf(session: ExecSession): ExecControl {
  const runs = new ActionRuns(session);
  return {
    topology: () => session.topology(),
    faults: async () => session.list(),
    inject: (body, { query }) => session.faults.inject(body, query.wait !== "false"),
    fault: async (_body, { id }) => session.faults.get(id),
    healOne: (_body, { id }) => session.faults.healOne(id),
    heal: async ({ fault }) => {
      if (fault !== undefined) checkKind(fault);
      return {
        healed: await session.faults.healWhere((one) => fault === undefined || one.fault.kind === fault),
      };
    },
    await: async ({ condition, within }) => ({ condition, ...(await session.await(condition, within)) }),
    history: () => session.history(),
    reset: () => session.reset(),
    actions: async () => runs.list(),
    actionTypes: async () => [...ACTIONS.keys()],
    act: async (body) => runs.start(body),
    action: async (_body, { id }) => runs.get(id),
  };
}
