import type { EnvironmentStatus, NodeStatus } from "../../model/status.ts";
import { type Paint, painter } from "./colour.ts";
import { formatNumber } from "./format.ts";
import { type Cell, indent, spaced, tableLines } from "./layout.ts";
import { drawnWidth, type TerminalOptions } from "./result.ts";

const MARGIN = 2;

/** Running environments, node by node. Ends with a line feed. */
export function renderStatus(environments: readonly EnvironmentStatus[], options: TerminalOptions): string {
  const paint = painter(options.colour);
  const width = drawnWidth(options.width) - MARGIN;
  return environments.map((environment) => environmentText(environment, paint, width)).join("\n");
}

function environmentText(environment: EnvironmentStatus, paint: Paint, width: number): string {
  const { id, kind, valkey, nodes, dir, detached, faults } = environment;
  const clustered = kind === "cluster";
  const columns = [
    { title: "node" },
    { title: "address" },
    { title: "role" },
    { title: "offset", align: "right" as const },
    { title: clustered ? "slots" : "keys", align: clustered ? ("left" as const) : ("right" as const) },
    { title: clustered ? "cluster state" : "link, or what a Sentinel sees" },
  ];
  const rows = nodes.map((node): Cell[] => [
    { text: node.name, paint: paint.strong },
    node.endpoint,
    roleCell(node, paint),
    node.offset === undefined ? "" : formatNumber(node.offset),
    clustered ? (node.slots ?? "") : node.keys === undefined ? "" : formatNumber(node.keys),
    [
      node.role === "replica" && clustered && node.link === "down" ? "link down" : undefined,
      node.view ?? linkText(node),
    ]
      .filter((part) => part !== undefined)
      .join(", "),
  ]);
  const by = detached ? "" : ", of a drill that is running";
  const lines = [
    `${paint.strong(id)}  ${clustered ? "Cluster" : "HA"}, Valkey ${valkey}${by}`,
    ...indent(tableLines(columns, rows, { width, head: paint.faint }), MARGIN),
    ...faults.map(
      ({ fault, targets }) => `  ${paint.doubt("fault in force:")} ${fault} ${targets.join(", ")}`,
    ),
    `  ${paint.faint(`files: ${dir}`)}`,
  ];
  return `${spaced(lines.join("\n"))}\n`;
}

function roleCell(node: NodeStatus, paint: Paint): Cell {
  if (node.process !== "running") return { text: node.process, paint: paint.bad };
  if (!node.reachable) return { text: "no answer", paint: paint.bad };
  if (node.role !== "replica")
    return { text: node.role ?? "", paint: node.role === "primary" ? paint.good : paint.faint };
  const of = `replica of ${node.follows ?? "nobody known"}`;
  return node.link === "up" ? of : { text: of, paint: paint.doubt };
}

function linkText({ role, link, lag }: NodeStatus): string {
  if (role !== "replica") return "";
  return link === "up"
    ? `link up, ${lag === undefined ? "lag unknown" : `${formatNumber(lag)} bytes behind`}`
    : "link down";
}
