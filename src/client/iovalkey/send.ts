import type { Socket } from "node:net";
import { type Cluster, Command, ReplyError, type Valkey } from "iovalkey";
import type { Reply } from "../../valkey/admin.ts";
import { type AnsweredBy, withDeadline } from "../client.ts";

/** Sends one command and waits for its answer, at most until the deadline. */
export function send(
  client: Valkey | Cluster,
  args: readonly string[],
  deadlineMs: number,
  answeredBy?: AnsweredBy,
): Promise<Reply> {
  const command = new TracedCommand(args);
  return told(command, withDeadline(client.sendCommand(command) as Promise<Reply>, deadlineMs), answeredBy);
}

/** Sends the write and `WAIT` in one pipeline, so that both go over the same connection. */
export function sendAndWait(
  client: Valkey | Cluster,
  args: readonly string[],
  wait: { replicas: number; waitMs: number },
  deadlineMs: number,
  answeredBy?: AnsweredBy,
): Promise<{ reply: Reply; confirmed: number }> {
  const command = new TracedCommand(args);
  const pipeline = client.pipeline();
  (pipeline as unknown as { sendCommand(command: Command): void }).sendCommand(command); // its types leave it out
  pipeline.call("wait", String(wait.replicas), String(wait.waitMs));
  const both = async () => {
    const [written, waited] = (await pipeline.exec()) ?? [];
    if (written?.[0]) throw written[0];
    // The write was done; only its replication is in doubt, which is what the caller is told.
    const confirmed = waited && !waited[0] ? Number(waited[1]) : 0;
    return { reply: (written?.[1] ?? null) as Reply, confirmed };
  };
  return told(command, withDeadline(both(), deadlineMs), answeredBy);
}

/** Says who answered: the server, if the command ended with its reply, be it an error. */
async function told<T>(command: TracedCommand, answer: Promise<T>, answeredBy?: AnsweredBy): Promise<T> {
  try {
    const value = await answer;
    answeredBy?.(command.address);
    return value;
  } catch (error) {
    answeredBy?.(error instanceof ReplyError ? command.address : undefined);
    throw error;
  }
}

/**
 * A command that remembers the connection over which it was last written, after redirects as well: its reply can come
 * over no other. The library finds a command's key, and so its slot, only by the lower-case name.
 */
class TracedCommand extends Command {
  #socket: object | undefined;

  constructor([name = "", ...rest]: readonly string[]) {
    super(name.toLowerCase(), rest, { replyEncoding: "utf8" });
  }

  get address(): string | undefined {
    return this.#socket && peerOf(this.#socket as Socket);
  }

  override toWritable(socket: object): string | Buffer {
    this.#socket = socket;
    return super.toWritable(socket);
  }
}

const peers = new WeakMap<Socket, string>();

/** `host:port` of the other end. */
function peerOf(socket: Socket): string | undefined {
  const known = peers.get(socket);
  if (known !== undefined) return known;
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  const address = `${remoteAddress}:${remotePort}`;
  peers.set(socket, address);
  return address;
}
