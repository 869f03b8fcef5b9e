import type { LiveStart, LiveTick } from "../../model/live.ts";
import type { CommandAnswer, CommandName } from "../server/commands.ts";
import type { LiveStore } from "./store.ts";

/* The only place that talks to the server. Paths are below that of the page, which holds the token. */

/** Follows the session for as long as the page is open; a connection that is lost is tried again by the browser. */
export function listen(store: LiveStore): void {
  const events = new EventSource("events");
  events.addEventListener("start", ({ data }) => store.begin(JSON.parse(data) as LiveStart));
  events.addEventListener("tick", ({ data }) => store.go(JSON.parse(data) as LiveTick));
  events.addEventListener("error", () => store.lose(events.readyState === EventSource.CLOSED));
}

/** Something that was ordered could not be done, in words for the one who ordered it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Gives an order and waits for its end. @throws Refusal */
export async function order<Name extends CommandName>(
  name: Name,
  body: object,
): Promise<CommandAnswer<Name>> {
  const answer = await fetch(`command/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (answer === undefined) throw new Refusal("valkey-drill does not answer: does it still run?");
  if (answer.ok) return (await answer.json()) as CommandAnswer<Name>;
  const text = await answer.text();
  throw new Refusal(messageIn(text));
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error: { message: string; hint?: string } };
    return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
  } catch {
    return text.trim();
  }
}
