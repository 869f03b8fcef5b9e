import { basename, dirname } from "node:path";
import type { Names } from "../names.ts";
import { emptyStream, type Stream } from "../streams.ts";
import { clusterNodesFacts } from "./cluster-nodes.ts";
import { configFacts } from "./config.ts";
import { infoFacts } from "./info.ts";
import { sentinelFacts } from "./sentinel-replies.ts";
import type { AboutNode, SideFacts } from "./side-input.ts";

/** What an input that is no log tells, and where it was read. */
export interface SideInput {
  readonly file: string;
  readonly facts: SideFacts;
}

/** The facts of one node, beside the logs: a stream without lines, so that it is put to a node as logs are. */
interface Side {
  readonly file: string;
  readonly about: AboutNode;
  readonly stream: Stream;
}

/** What such an input is; `undefined`: nothing that helps. */
export function sideInput(file: string, text: string): SideInput | undefined {
  for (const read of [infoFacts, clusterNodesFacts, sentinelFacts, configFacts]) {
    const facts = read(text);
    if (facts !== undefined) return { file, facts };
  }
  return undefined;
}

/** Puts them to the nodes that the logs tell of; what no log tells of is a node by itself if it has a name. */
export function joinSides(names: Names, streams: readonly Stream[], inputs: readonly SideInput[]): Stream[] {
  for (const { facts } of inputs) {
    for (const [a, b] of facts.same) names.join(a, b, `${facts.what} names both`);
    for (const ref of facts.servers) names.mark(ref, "server");
    for (const ref of facts.follows.flat()) names.of(ref);
  }
  const sides = inputs.flatMap(({ file, facts }) =>
    facts.about.map((about): Side => ({ file, about, stream: streamOf(file, about) })),
  );
  for (const side of sides) {
    const { about, stream, file } = side;
    for (const ref of about.refs) names.join(stream, ref, `${basename(file)} names it`);
    const own = logOf(side, streams, names);
    if (own !== undefined) names.join(stream, own.stream, own.why);
  }
  return sides.map(({ stream }) => stream);
}

/** The log that is surely its own: by its process, by the name of its log file, or beside it in its folder. */
function logOf({ about, file }: Side, streams: readonly Stream[], names: Names) {
  const fits = (why: string, isIt: (stream: Stream) => boolean) => {
    const found = streams.filter((stream) => mayBe(stream, about) && isIt(stream));
    const [stream] = new Set(found.map((one) => names.of(one))).size === 1 ? found : [];
    return stream && { stream, why };
  };
  const name = basename(file);
  const pathOf = ({ source }: Stream) => source.split("\n")[0] ?? "";
  return (
    (about.pid !== undefined && about.pid > 1
      ? fits(`${name} tells its process, ${about.pid}`, ({ pid }) => pid === about.pid)
      : undefined) ??
    (about.logFile === undefined
      ? undefined
      : fits(`${name} names its log file`, (stream) => basename(pathOf(stream)) === about.logFile)) ??
    (dirname(file) === "."
      ? undefined
      : fits(`${name} lies beside its log`, (stream) => dirname(pathOf(stream)) === dirname(file)))
  );
}

function mayBe(stream: Stream, { kind, port }: AboutNode): boolean {
  const isKind = kind === "unknown" || stream.kind === "unknown" || stream.kind === kind;
  return isKind && (port === undefined || stream.port === undefined || stream.port === port);
}

function streamOf(file: string, { kind, port, pid = 0, runId, version, role, settings }: AboutNode): Stream {
  const line = { file, lineNo: 1, at: 0, level: "?", text: "" } as const;
  return {
    ...emptyStream(file, kind),
    pid,
    runIds: new Set(runId === undefined ? [] : [runId]),
    settings: new Map(Object.entries(settings).map(([name, value]) => [name, { value, line }])),
    port,
    version,
    role,
  };
}
