import type { Socket } from "node:net";
import type { Cluster, Valkey } from "iovalkey";
import type { AnsweredBy } from "../../../client/client.ts";
import { withDeadline } from "../../../client/deadline.ts";
import { classifyError, explained, NotDoneError, TimeoutError } from "../../../client/errors.ts";
import type { Reply } from "../../../valkey/admin.ts";
import { FAMILY_ERRORS } from "../errors.ts";
import type { Family } from "../family.ts";

/** The ways in which commands are sent, and who answered is told. */
export interface Sender {
  /** Sends one command and waits for its answer, at most until the deadline. */
  send(
    client: Valkey | Cluster,
    args: readonly string[],
    deadlineMs: number,
    answeredBy?: AnsweredBy,
  ): Promise<Reply>;
  /** Sends the write and `WAIT` in one pipeline, so that both go over the same connection. */
  sendAndWait(
    client: Valkey | Cluster,
    args: readonly string[],
    wait: { replicas: number; waitMs: number },
    deadlineMs: number,
    answeredBy?: AnsweredBy,
  ): Promise<{ reply: Reply; confirmed: number }>;
}

export function senderOf({ Command, ReplyError }: Family): Sender {
  /**
   * A command that remembers the connection over which it was last written, after redirects as well: its reply can come
   * over no other. The library finds a command's key, and so its slot, only by the lower-case name.
   */
  class TracedCommand extends Command {
    #socket: object | undefined;
    #isUnderWay = false;

    constructor([name = "", ...rest]: readonly string[]) {
      super(name.toLowerCase(), rest, { replyEncoding: "utf8" });
    }

    /** To be called once the library has its own `reject` in place, which follows redirects. */
    noteRefusals(): void {
      const reject = this.reject;
      this.reject = (error) => {
        if (error instanceof ReplyError && classifyError(error).outcome === "fail") this.#isUnderWay = false;
        reject(error);
      };
    }

    get address(): string | undefined {
      return this.#socket && peerOf(this.#socket as Socket);
    }

    /** Has it been given to a connection, whose server has not refused it? */
    get isUnderWay(): boolean {
      return this.#isUnderWay;
    }

    override toWritable(socket: object): string | Buffer {
      this.#socket = socket;
      this.#isUnderWay = true;
      return super.toWritable(socket);
    }
  }

  /** Says who answered: the server, if the command ended with its reply, be it an error. */
  const told = async <T>(
    command: TracedCommand,
    answer: Promise<T>,
    answeredBy: AnsweredBy | undefined,
  ): Promise<T> => {
    try {
      const value = await answer;
      answeredBy?.(command.address);
      return value;
    } catch (error) {
      answeredBy?.(error instanceof ReplyError ? command.address : undefined);
      // The library has given it up, and says "Connection is closed." in either case. Past our own deadline it may yet
      // be written.
      const isGivenUp =
        !command.isUnderWay && !(error instanceof TimeoutError) && !(error instanceof ReplyError);
      throw isGivenUp && classifyError(error, FAMILY_ERRORS).outcome === "info"
        ? new NotDoneError(error)
        : explained(error, FAMILY_ERRORS);
    }
  };

  return {
    send: (client, args, deadlineMs, answeredBy) => {
      const command = new TracedCommand(args);
      const answer = client.sendCommand(command) as Promise<Reply>;
      command.noteRefusals();
      return told(command, withDeadline(answer, deadlineMs), answeredBy);
    },
    sendAndWait: (client, args, wait, deadlineMs, answeredBy) => {
      const command = new TracedCommand(args);
      const pipeline = client.pipeline();
      (pipeline as unknown as { sendCommand(command: object): void }).sendCommand(command); // its types leave it out
      pipeline.call("wait", String(wait.replicas), String(wait.waitMs));
      const both = async () => {
        const [written, waited] = (await pipeline.exec()) ?? [];
        if (written?.[0]) throw written[0];
        // The write was done; only its replication is in doubt, which is what the caller is told.
        const confirmed = waited && !waited[0] ? Number(waited[1]) : 0;
        return { reply: (written?.[1] ?? null) as Reply, confirmed };
      };
      return told(command, withDeadline(both(), deadlineMs), answeredBy);
    },
  };
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
