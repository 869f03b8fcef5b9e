/** A page that does not keep up is let go; it comes again by itself, and is told everything so far. */
const MOST_WAITING = 50;
const MOST_PAGES = 20;

interface Listener {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

const encoder = new TextEncoder();

/** The pages that listen, each by a stream of server-sent events. A message is made into text once for all of them. */
export class Audience {
  readonly #listeners = new Set<Listener>();

  get size(): number {
    return this.#listeners.size;
  }

  /** A stream that begins with that event, or with none yet; `undefined`: there are too many already. */
  join(
    first: { readonly event: string; readonly data: unknown } | undefined,
  ): ReadableStream<Uint8Array> | undefined {
    if (this.#listeners.size >= MOST_PAGES) return undefined;
    let listener: Listener | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          listener = { controller };
          this.#listeners.add(listener);
          controller.enqueue(first ? encoded(first.event, first.data) : encoder.encode(": nothing yet\n\n"));
        },
        cancel: () => {
          if (listener !== undefined) this.#listeners.delete(listener);
        },
      },
      { highWaterMark: MOST_WAITING },
    );
  }

  tell(event: string, data: unknown): void {
    if (this.#listeners.size === 0) return;
    const bytes = encoded(event, data);
    for (const listener of this.#listeners) {
      if ((listener.controller.desiredSize ?? 0) > 0) listener.controller.enqueue(bytes);
      else this.#letGo(listener);
    }
  }

  close(): void {
    for (const listener of this.#listeners) this.#letGo(listener);
  }

  #letGo(listener: Listener): void {
    this.#listeners.delete(listener);
    try {
      listener.controller.close();
    } catch {
      // the page had gone by itself
    }
  }
}

/** JSON has no line breaks of its own, so one `data:` line holds it. */
function encoded(event: string, data: unknown): Uint8Array {
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
