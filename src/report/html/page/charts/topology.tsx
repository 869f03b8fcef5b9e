import { nodeWords, shortLines } from "../logic/node-words.ts";
import type { NodeAt } from "../logic/topology-at.ts";
import { px } from "./scale.ts";

const CELL = 112;
const ROW = 84;
const BOX = { width: 92, height: 40 };
const COLUMNS_MAX = 8;
/** Words under a node: so many characters fill a cell at their size, and so many lines the room between two rows. */
const LINE_CHARS = 18;
const LINES = 2;
const LINE = 12;
/** Room for arcs above the first row. */
const HEAD = 14;

interface Placed extends NodeAt {
  readonly x: number;
  readonly y: number;
}

interface Props {
  readonly nodes: readonly NodeAt[];
  /** Without names, for a small diagram. */
  readonly small?: boolean;
  readonly chosen?: readonly string[];
  readonly onChoose?: (name: string) => void;
}

/** The nodes with their roles and links. A node keeps its place, whatever its role. */
export function TopologyDiagram({ nodes, small = false, chosen = [], onChoose }: Props) {
  const placed = place(nodes);
  const width = Math.max(...placed.map(({ x }) => x)) + CELL / 2 + 4;
  const height = Math.max(...placed.map(({ y }) => y)) + ROW / 2 + 8;
  return (
    <svg
      class={`topology ${small ? "small" : ""}`}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={describe(nodes)}
    >
      {placed.map((node) => (
        <Link
          key={node.node.name}
          from={node}
          to={placed.find((other) => other.node.name === node.follows)}
        />
      ))}
      {placed.map((node) => (
        <Box key={node.node.name} at={node} chosen={chosen.includes(node.node.name)} onChoose={onChoose} />
      ))}
    </svg>
  );
}

function Link({ from, to }: { readonly from: Placed; readonly to: Placed | undefined }) {
  if (to === undefined || !from.reachable) return null;
  // In an arc: a straight line would hide behind the nodes between.
  const across = Math.abs(to.x - from.x);
  const down = Math.abs(to.y - from.y);
  const bend = { x: down > 0 ? 34 + down / 4 : 0, y: across > 0 ? 22 + across / 8 : 0 };
  const path = `M${px(from.x)} ${px(from.y)}Q${px((from.x + to.x) / 2 + bend.x)} ${px((from.y + to.y) / 2 - bend.y)} ${px(to.x)} ${px(to.y)}`;
  return <path class={`link ${from.linkUp ? "up" : "down"}`} d={path} />;
}

const LETTERS = { primary: "P", replica: "R", sentinel: "S" } as const;

function Box({
  at,
  chosen,
  onChoose,
}: {
  readonly at: Placed;
  readonly chosen: boolean;
  readonly onChoose?: ((name: string) => void) | undefined;
}) {
  const { node, role, reachable, faults, x, y } = at;
  const look = !reachable ? "gone" : (role ?? "untold");
  const { width, height } = BOX;
  const words = nodeWords(at);
  const choose = onChoose && (() => onChoose(node.name));
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the filter of the log offers the same by keyboard
    <g
      class={`node ${look} ${faults.length > 0 ? "disrupted" : ""} ${chosen ? "chosen" : ""} ${choose ? "choosable" : ""}`}
      onClick={choose}
    >
      <rect
        x={px(x - width / 2)}
        y={px(y - height / 2)}
        width={width}
        height={height}
        rx={role === "primary" ? 3 : height / 2.4}
      />
      {role === "primary" && reachable && (
        <rect
          class="ring"
          x={px(x - width / 2 + 3)}
          y={px(y - height / 2 + 3)}
          width={width - 6}
          height={height - 6}
          rx={2}
        />
      )}
      <text class="letter" x={px(x - width / 2 + 14)} y={px(y + 5)} text-anchor="middle">
        {reachable ? (role ? LETTERS[role] : "?") : "✕"}
      </text>
      <text x={px(x + 8)} y={px(y + 4)} text-anchor="middle">
        {node.name}
      </text>
      {words.length > 0 && <title>{`${node.name}: ${words.join(", ")}`}</title>}
      {shortLines(words, LINE_CHARS, LINES).map((line, n) => (
        <text key={n} class="words" x={px(x)} y={px(y + height / 2 + 13 + n * LINE)} text-anchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}

/** HA: data nodes above, Sentinels below. Cluster: a column for each shard, its first primary above. */
function place(nodes: readonly NodeAt[]): Placed[] {
  const shards = [...new Set(nodes.map(({ node }) => node.shard))];
  const columns = Math.min(COLUMNS_MAX, Math.max(1, shards.length));
  const depth = Math.max(...shards.map((shard) => nodes.filter(({ node }) => node.shard === shard).length));
  const inCluster = shards.length > 1 || shards[0] !== undefined;
  const rows = inCluster
    ? undefined
    : [
        nodes.filter(({ node }) => node.role !== "sentinel"),
        nodes.filter(({ node }) => node.role === "sentinel"),
      ];
  return nodes.map((at) => {
    if (rows) {
      const row = rows.findIndex((of) => of.includes(at));
      const of = rows[row] ?? [];
      const widest = Math.max(...rows.map(({ length }) => Math.min(COLUMNS_MAX, length)));
      const inRow = Math.min(COLUMNS_MAX, of.length);
      const index = of.indexOf(at);
      const above = row === 0 ? 0 : Math.ceil((rows[0]?.length ?? 0) / COLUMNS_MAX);
      const column = (index % COLUMNS_MAX) + (widest - inRow) / 2;
      return {
        ...at,
        x: (column + 0.5) * CELL,
        y: (above + Math.floor(index / COLUMNS_MAX) + 0.5) * ROW + HEAD,
      };
    }
    const shard = shards.indexOf(at.node.shard);
    const inShard = nodes.filter(({ node }) => node.shard === at.node.shard).indexOf(at);
    return {
      ...at,
      x: ((shard % columns) + 0.5) * CELL,
      y: (Math.floor(shard / columns) * depth + inShard + 0.5) * ROW,
    };
  });
}

function describe(nodes: readonly NodeAt[]): string {
  return nodes
    .map(({ node, role, reachable, follows, linkUp, faults, sees }) => {
      const is = !reachable ? "does not answer" : (role ?? "has not told its role");
      const of = follows === undefined ? "" : ` of ${follows}, link ${linkUp ? "up" : "down"}`;
      const view =
        sees === "down"
          ? ", holds the primary to be down"
          : sees === "agreed"
            ? ", agreed that the primary is down"
            : "";
      return `${node.name}: ${is}${of}${view}${faults.length > 0 ? `, fault ${faults.join(", ")}` : ""}`;
    })
    .join("; ");
}
