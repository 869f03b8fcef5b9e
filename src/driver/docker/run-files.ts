import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Document, type Node } from "yaml";
import type { NodePlan, Plan } from "../../model/plan.ts";
import { composeFile, composeFileName } from "./compose.ts";
import { portVariable } from "./compose-parts.ts";
import type { Engine } from "./engine.ts";
import { LABEL } from "./labels.ts";

/** Its name in a run's folder. */
const OVERRIDE = "docker-compose.drill.yml";

/** A project for `docker compose`: the words before the command, and the variables. */
export interface ComposeProject {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Writes into the run's folder the same Compose file that the project has, and beside it what this run adds: labels,
 * the plan's own configuration in place of the mounted one (so that nothing of this machine need be on the engine's),
 * no health checks (a drill asks the nodes itself; a check a second in each container costs processor time).
 */
export async function writeComposeProject(
  plan: Plan,
  dir: string,
  run: { name: string; labels: Readonly<Record<string, string>>; subnet: string; engine: Engine },
): Promise<ComposeProject> {
  const base = join(dir, composeFileName(plan.kind));
  const override = join(dir, OVERRIDE);
  await mkdir(dir, { recursive: true });
  await writeFile(base, composeFile(plan));
  await writeFile(override, overrideFile(plan, run.labels, run.engine.address));
  await Promise.all(plan.nodes.map((node) => writeNodeFiles(join(dir, node.name), node)));
  const ports = plan.nodes.map(({ name, endpoint }) => [portVariable(name), String(endpoint.port)]);
  return {
    args: ["compose", "--project-name", run.name, "--project-directory", dir, "-f", base, "-f", override],
    env: {
      VALKEY_IMAGE: run.engine.image,
      VALKEY_SUBNET: run.subnet,
      VALKEY_PASSWORD: "",
      VALKEY_CLIENT_ADDRESS: "",
      ...Object.fromEntries(ports),
    },
  };
}

function overrideFile(plan: Plan, labels: Readonly<Record<string, string>>, address: string): string {
  const document = new Document({});
  const replacing = (list: readonly string[]): Node => {
    const node = document.createNode(list);
    node.tag = "!override";
    return node;
  };
  const services = plan.nodes.map(({ name, files, secret, endpoint: { port } }) => [
    name,
    {
      labels: { ...labels, [LABEL.node]: name },
      environment: secret ? { NODE_CONF: "" } : environmentOf(files),
      volumes: replacing([`${name}:/data`]),
      ports: replacing([`${address}:${port}:${port}`]),
      healthcheck: { disable: true },
    },
  ]);
  document.contents = document.createNode({
    services: Object.fromEntries(services),
    networks: { default: { labels } },
    volumes: Object.fromEntries(plan.nodes.map(({ name }) => [name, { labels }])),
  }) as typeof document.contents;
  return document.toString({ lineWidth: 0 });
}

function environmentOf(files: Readonly<Record<string, string>>): Record<string, string> {
  const { "node.conf": own = "", "nodes.conf": cluster } = files;
  return { NODE_CONF: escaped(own), ...(cluster !== undefined && { NODES_CONF: escaped(cluster) }) };
}

/** `$` begins a variable in a Compose file. */
const escaped = (text: string) => text.replaceAll("$", "$$$$");

async function writeNodeFiles(dir: string, { files, secret }: NodePlan): Promise<void> {
  await mkdir(dir, { recursive: true, ...(secret && { mode: 0o700 }) });
  const mode = secret ? 0o600 : 0o666;
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(dir, name), text, { mode })));
}
