import type { NodePlan } from "../../model/plan.ts";
import { docker } from "./docker-cli.ts";
import { LABEL } from "./labels.ts";

/** A line that is in no file of a node. */
const END = "valkey-drill-end-of-file";

/**
 * Puts the files of a node into its volume before it starts, where they hold secrets: `docker inspect` shows the environment of a
 * container to everybody who may ask the engine, so they do not go that way.
 */
export async function putSecretFiles(
  { files, secret }: NodePlan,
  container: string,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  if (!secret) return;
  const format = "{{.Image}} {{.Config.User}}";
  const found = await docker(["container", "inspect", "--format", format, container], { signal });
  const [image = "", user = ""] = found.split(" ");
  const script = Object.entries(files).map(
    ([name, text]) => `cat >'${name}' <<'${END}'\n${text}${text.endsWith("\n") ? "" : "\n"}${END}\n`,
  );
  await docker(
    [
      ...[
        "run",
        "--rm",
        "--interactive",
        "--pull",
        "never",
        "--network",
        "none",
        "--read-only",
        "--cap-drop",
        "ALL",
      ],
      ...["--volumes-from", container, "--user", user, "--workdir", "/data", "--label", `${LABEL.id}=${id}`],
      ...["--tmpfs", "/tmp", "--entrypoint", "sh", image, "-eu"],
    ],
    { input: `umask 077\n${script.join("")}`, signal },
  );
}
