/*
 *   exec ─▶ environment ─▶ session ◀── server ◀── HTTP ──┐
 *     └───────────────────────────────────────▶ command ─┘     ends ─▶ server, session, environment, files
 */
import { rm } from "node:fs/promises";
import type { OpenDriver } from "../api/open-driver.ts";
import { makeOwnFolder } from "../api/own-folder.ts";
import { appEnv, type EnvChoice, withoutTopology } from "../app/env/env.ts";
import { seededRandom } from "../base/random.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { checkCapabilities } from "../scenario/injectable.ts";
import { startEnvironment } from "../session/environment.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { runCommand } from "./command.ts";
import { controlOf } from "./control.ts";
import { ExecSession } from "./exec-session.ts";
import { openExecServer } from "./server.ts";
import type { Signals } from "./signals.ts";

export interface ExecOptions {
  readonly spec: TopologySpec;
  readonly opened: OpenDriver;
  /** A program and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly env: EnvChoice;
  /** All connections go over links that can be impaired. */
  readonly links: boolean;
  readonly seed: number;
  readonly firstPort?: number;
  readonly signals: Signals;
  readonly onProgress: (text: string) => void;
  /** Called once the topology is ready, before the command begins. */
  readonly onReady: (nodes: number) => Promise<void>;
}

/** Set for the command besides what it is told of the topology: by these it asks for faults. */
export const URL_VARIABLES = ["VALKEY_DRILL_URL", "FAULT_INJECTION_API_URL"] as const;

/** For templates: the URL of the server as `{{drill-url}}`. */
export const MORE_VALUES = ["drill-url"] as const;

/**
 * Starts a topology and runs the command beside it, with this process's terminal. Everything is stopped when it
 * returns or throws.
 *
 * @returns the exit code of the command; 128 and the number of the signal that ended it
 * @throws DrillError what kept the topology or the command from starting; `NODE_DIED` and others if the topology broke
 *   otherwise than on request: the command's own exit code then says nothing
 */
export async function exec(options: ExecOptions): Promise<number> {
  const { spec, opened, links, seed, firstPort, signals, onProgress } = options;
  const { driver, version } = opened;
  const { aborted } = signals;
  if (links) checkCapabilities({ kind: "--links", needs: ["cut-links"] }, driver, `${driver.name} driver`);
  const dir = makeOwnFolder(spec.kind);
  try {
    const random = seededRandom(seed);
    const environment = await startEnvironment({
      ...{ spec, driver, random, dir, detached: false, firstPort, signal: aborted, onProgress },
      links: links ? { clients: true } : undefined,
    });
    try {
      const runId = `exec-${environment.topology.id}`;
      const session = await ExecSession.open({
        ...{ environment, dir, random, signal: aborted },
        header: {
          ...{ runId, scenario: "exec", seed, spec, driver: driver.name, valkey: version },
          client: { name: "command", version: "unknown" },
          expect: {},
          replay: "",
        },
      });
      return await beside(session, options);
    } finally {
      await environment.close();
    }
  } catch (error) {
    throw aborted.aborted ? aborted.reason : error;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function beside(session: ExecSession, options: ExecOptions): Promise<number> {
  const { command, env, signals, onReady } = options;
  let broken: Error | undefined;
  let code: number;
  try {
    const server = await openExecServer(controlOf(session));
    try {
      const own = appEnv(session.plan, { ...env, more: { "drill-url": server.url } });
      const urls = Object.fromEntries(URL_VARIABLES.map((name) => [name, server.url]));
      await onReady(session.plan.nodes.length);
      code = await runCommand(command, { ...withoutTopology(process.env), ...own, ...urls }, signals);
    } finally {
      await server.close();
    }
  } finally {
    broken = session.broken;
    await session.close();
  }
  if (broken !== undefined) throw brokenWhile(broken, code);
  return code;
}

function brokenWhile(cause: Error, code: number): DrillError {
  const known = cause instanceof DrillError ? cause : undefined;
  const message = `${messageOf(cause)} while the command ran; its own exit code was ${code}`;
  return new DrillError(known?.code ?? "NODE_DIED", message, { hint: known?.hint, cause });
}
