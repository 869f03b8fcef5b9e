import { docker } from "./docker-cli.ts";
import { LABEL } from "./labels.ts";

/** A line that is in no file of a node. */
const END = "valkey-drill-end-of-file";

/**
 * A script that writes these files, for a shell's standard input: nothing secret is on a command line or in a variable.
 */
export function writing(files: Readonly<Record<string, string>>): string {
  const parts = Object.entries(files).map(
    ([name, text]) => `cat >'${name}' <<'${END}'\n${text}${text.endsWith("\n") ? "" : "\n"}${END}\n`,
  );
  return `umask 077\n${parts.join("")}`;
}

interface ShellOptions {
  /** Its standard input, whole. */
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/**
 * A shell in the data folder of a node, with these arguments, as the node's user: in a container of its own, as a
 * stopped one runs nothing.
 *
 * @returns what it printed
 */
export async function shellInData(
  container: string,
  id: string,
  args: readonly string[],
  { input, signal }: ShellOptions = {},
): Promise<string> {
  const format = "{{.Image}} {{.Config.User}}";
  const found = await docker(["container", "inspect", "--format", format, container], { signal });
  const [image = "", user = ""] = found.split(" ");
  return await docker(
    [
      ...["run", "--rm", ...(input === undefined ? [] : ["--interactive"]), "--pull", "never"],
      ...["--network", "none", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"],
      ...["--volumes-from", container, "--user", user, "--workdir", "/data", "--label", `${LABEL.id}=${id}`],
      ...["--entrypoint", "sh", image, ...args],
    ],
    { input, signal },
  );
}
