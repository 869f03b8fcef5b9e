import { type Command, Option } from "commander";
import { withGivenApp } from "../scenario/app/given.ts";
import type { Scenario } from "../scenario/schema.ts";
import { wholeNumber } from "./options.ts";

/** Your own application, as commands that run drills take it. */
export interface AppFlags {
  readonly app?: string;
  readonly probe?: readonly string[];
  readonly appEnv?: readonly string[];
  readonly appPreset?: readonly string[];
  readonly appReady?: string;
  readonly appInstances?: number;
}

const MOST_INSTANCES = 20;
const again = (text: string, before: readonly string[] = []) => [...before, text];

/** Adds the options of an application to a command. */
export function addAppOptions(command: Command): Command {
  const options = [
    new Option("--app <command|url>", "your own application: how it is started, or where it runs already"),
    new Option(
      "--probe <request>",
      `what it is asked 20 times a second: 'POST /orders {"id": "{{unique}}"}'; may be given again`,
    ).argParser(again),
    new Option("--app-env <name=value>", "an environment variable of it; may be given again").argParser(
      again,
    ),
    new Option(
      "--app-preset <name>",
      "the environment variables that a library reads; may be given again",
    ).argParser(again),
    new Option("--app-ready <path|pattern>", "ready when that path answers 2xx, or a line matches /pattern/"),
    new Option("--app-instances <n>", "how many are started").argParser(wholeNumber(1, MOST_INSTANCES)),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** The scenario with the application of the flags. @throws DrillError `BAD_USAGE` */
export function withAppFlags(scenario: Scenario, flags: AppFlags): Scenario {
  const { app, probe, appEnv, appPreset, appReady, appInstances } = flags;
  return withGivenApp(
    scenario,
    {
      ...(app !== undefined && { app }),
      ...(probe && { probes: probe }),
      ...(appEnv && { env: appEnv }),
      ...(appPreset && { presets: appPreset }),
      ...(appReady !== undefined && { ready: appReady }),
      ...(appInstances !== undefined && { instances: appInstances }),
    },
    process.cwd(),
  );
}

/** The flags again, as words of a command line. */
export function appWords({
  app,
  probe = [],
  appEnv = [],
  appPreset = [],
  appReady,
  appInstances,
}: AppFlags): string[] {
  return [
    ...(app === undefined ? [] : ["--app", app]),
    ...probe.flatMap((one) => ["--probe", one]),
    ...appEnv.flatMap((one) => ["--app-env", one]),
    ...appPreset.flatMap((one) => ["--app-preset", one]),
    ...(appReady === undefined ? [] : ["--app-ready", appReady]),
    ...(appInstances === undefined ? [] : ["--app-instances", String(appInstances)]),
  ];
}

/** For a saved run, whose commands are not started unless somebody says so. */
export const startAppOption = () =>
  new Option("--start-app", "start the application and the commands that the saved run names");
