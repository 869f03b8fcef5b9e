import type { Socket } from "node:net";
import { Flow } from "./flow.ts";
import type { LinkState } from "./link-state.ts";

type Phase = "waiting" | "dialling" | "open" | "forgotten" | "closed";

export interface ConnectionParts {
  /** The accepted connection. */
  readonly opener: Socket;
  /** From the opener to the target, and back. */
  readonly forward: LinkState;
  readonly backward: LinkState;
  /** Connects to the target. */
  readonly dial: () => Socket;
  readonly onClose: (connection: Connection) => void;
}

/**
 * One connection that the fabric carries. Its first `review` sets it going.
 *
 *     waiting ── both links pass ──▶ dialling ──▶ open ──▶ closed
 *        └───────── a link becomes half-open ─────▶ forgotten ── healed: what is left is reset ──▶ closed
 */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #forward: Flow;
  #backward: Flow | undefined;
  #target: Socket | undefined;
  #phase: Phase = "waiting";
  /** Ends that are there no more. */
  readonly #gone = new Set<Socket>();

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#forward = new Flow(parts.forward, parts.opener);
    parts.forward.connections += 1;
    parts.backward.connections += 1;
    this.#listen(parts.opener, this.#forward);
  }

  /** Looks again, after one of its links has changed. */
  review(): void {
    const { forward, backward } = this.#parts;
    if (this.#phase === "closed") return;
    const forgets = forward.forgets || backward.forgets;
    if (forward.resets || backward.resets || (this.#phase === "forgotten" && !forgets)) this.#reset();
    else if (forgets) this.#beForgotten();
    else this.#go();
  }

  /** Both ends at once, without a word. */
  destroy(): void {
    this.#parts.opener.destroy();
    this.#target?.destroy();
    this.#close();
  }

  #go(): void {
    const { forward, backward } = this.#parts;
    if (this.#phase === "waiting" && !forward.silent && !backward.silent) this.#dial();
    this.#forward.review();
    this.#backward?.review();
    this.#dropIfOver();
  }

  #dial(): void {
    this.#phase = "dialling";
    const target = this.#parts.dial();
    this.#target = target;
    const backward = new Flow(this.#parts.backward, target);
    this.#backward = backward;
    this.#listen(target, backward);
    target.once("connect", () => {
      if (this.#phase !== "dialling") return;
      this.#phase = "open";
      this.#forward.attach(target);
      backward.attach(this.#parts.opener);
    });
  }

  #listen(socket: Socket, outgoing: Flow): void {
    socket.on("end", () => this.#dropIfOver());
    socket.on("error", () => {
      outgoing.breakOff();
      if (this.#phase === "dialling" && socket === this.#target) this.#reset(); // nobody listens there
    });
    socket.on("close", () => {
      this.#gone.add(socket);
      outgoing.ended ??= "fin";
      this.#flowTo(socket)?.detach();
      this.#dropIfOver();
    });
  }

  #flowTo(socket: Socket): Flow | undefined {
    return socket === this.#target ? this.#forward : this.#backward;
  }

  /**
   * The `to` end of a half-open link is reset, unless the way back is half-open as well; the `from` end stays,
   * unanswered.
   */
  #beForgotten(): void {
    if (this.#phase === "forgotten") return;
    const { opener, forward, backward } = this.#parts;
    const dialling = this.#phase === "dialling";
    this.#phase = "forgotten";
    this.#forward.detach();
    this.#backward?.detach();
    if (dialling) this.#target?.destroy();
    if (!this.#target) return;
    if (forward.forgets && !backward.forgets) this.#target.resetAndDestroy();
    if (backward.forgets && !forward.forgets) opener.resetAndDestroy();
  }

  /**
   * Nobody waits any more for what silence holds back: the ends that are there have ended. Peers that give up and call
   * again, for as long as the silence lasts, must not pile up here.
   */
  #dropIfOver(): void {
    const { opener, forward, backward } = this.#parts;
    const target = this.#target;
    if (this.#phase === "closed") return;
    const over = (socket: Socket | undefined, flow: Flow | undefined) =>
      !socket || this.#gone.has(socket) || flow?.ended !== undefined;
    const bothOver = over(opener, this.#forward) && over(target, this.#backward);
    const held =
      this.#phase === "waiting" || this.#phase === "forgotten" || forward.silent || backward.silent;
    const bothGone = this.#gone.has(opener) && (!target || this.#gone.has(target));
    if (bothGone || (bothOver && held)) this.destroy();
  }

  #reset(): void {
    this.#parts.opener.resetAndDestroy();
    if (this.#target?.connecting) this.#target.destroy();
    else this.#target?.resetAndDestroy();
    this.#close();
  }

  #close(): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.#forward.close();
    this.#backward?.close();
    this.#parts.forward.connections -= 1;
    this.#parts.backward.connections -= 1;
    this.#parts.onClose(this);
  }
}
