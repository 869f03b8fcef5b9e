import { useState } from "preact/hooks";
import type { CommandAnswer, CommandName } from "../../server/commands.ts";
import { order } from "../link.ts";

/** One button's order: whether it is being carried out, and what was answered. */
export interface Ordering<Name extends CommandName> {
  readonly busy: boolean;
  readonly refusal: string | undefined;
  readonly answer: CommandAnswer<Name> | undefined;
  give(body: object): Promise<void>;
}

export function useOrder<Name extends CommandName>(name: Name): Ordering<Name> {
  const [state, setState] = useState<Omit<Ordering<Name>, "give">>({
    busy: false,
    refusal: undefined,
    answer: undefined,
  });
  const give = async (body: object) => {
    setState((before) => ({ ...before, busy: true, refusal: undefined }));
    try {
      const answer = await order(name, body);
      setState({ busy: false, refusal: undefined, answer });
    } catch (error) {
      const refusal = error instanceof Error ? error.message : String(error);
      setState((before) => ({ ...before, busy: false, refusal }));
    }
  };
  return { ...state, give };
}
