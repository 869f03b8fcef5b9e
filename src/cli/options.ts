import { InvalidArgumentError, Option } from "commander";
import { DRIVERS } from "../api/open-driver.ts";
import { MAX_SEED } from "../base/random.ts";
import { REPORT_FORMATS, type ReportFormatName } from "../report/registry.ts";

/** Options that several commands share. */
export interface ServerOptions {
  readonly valkey?: string;
  readonly driver: string;
  /** TLS everywhere, whatever the scenario says. */
  readonly tls?: boolean;
  /** Files that add faults, workloads, checkers or client libraries. They are loaded before the command begins. */
  readonly plugin?: readonly string[];
}

/** What commands that make many runs are given alike. */
export interface CampaignFlags extends ServerOptions {
  readonly seed?: number;
  readonly out: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export const valkeyOption = () =>
  new Option(
    "--valkey <version|path>",
    "server to use: a version (8.0, 8.1, 9.1) or the path of one; with docker a version or an image",
  );
export const driverOption = () =>
  new Option("--driver <name>", "what runs the nodes").choices(DRIVERS).default(DRIVERS[0]);
export const tlsOption = () =>
  new Option("--tls", "TLS for all connections, with certificates made for it; the plain ports are off");
export const seedOption = () =>
  new Option(
    "--seed <n>",
    "seed of everything random; default: a new one, printed with the result",
  ).argParser(wholeNumber(0, MAX_SEED));
export const outOption = () =>
  new Option("--out <dir>", "where run folders are made and found").default("runs");
export const jsonOption = () => new Option("--json", "print JSON on standard output, and nothing else there");
export const formatOption = () =>
  new Option("--format <name>", "how to write it down")
    .choices(Object.keys(REPORT_FORMATS))
    .conflicts("json");
export const outputOption = () => new Option("--output <file>", "where to; default: standard output");
export const reportOption = () => reportOptionOf(REPORT_FORMATS, "of all drills");
/** The same with other formats. */
export const reportOptionOf = (formats: object, what: string) =>
  new Option(
    "--report <format[=file]>",
    `write a report ${what} as well; may be given again (formats: ${Object.keys(formats).join(", ")}; file: by ` +
      `default one in the folder of --out)`,
  ).argParser(reportSpecs(formats));
export const quietOption = () => new Option("--quiet", "no progress");

/** A report that was asked for. */
export interface ReportSpec<Format = ReportFormatName> {
  readonly format: Format;
  readonly file?: string;
}

/** Reads `junit` or `junit=path.xml`, and adds it to those before it. */
function reportSpecs(formats: object) {
  return (text: string, before: readonly ReportSpec<string>[] = []): ReportSpec<string>[] => {
    const [format = "", ...rest] = text.split("=");
    const file = rest.join("=");
    if (!Object.hasOwn(formats, format) || (rest.length > 0 && file === "")) {
      const names = Object.keys(formats).join(", ");
      throw new InvalidArgumentError(`It must be a format, or a format=file. Formats: ${names}.`);
    }
    return [...before, { format, ...(file !== "" && { file }) }];
  };
}

/** Reads a whole number within bounds, both included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}
