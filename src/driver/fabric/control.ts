import { connect } from "node:net";
import { deadline } from "../../base/deadline.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { LinkControl } from "../links.ts";
import type { Request, Response } from "./messages.ts";

/** Where a fabric takes requests. */
export interface ControlAddress {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  readonly token: string;
}

/** The fabric answers within milliseconds; one whose machine is very busy may take longer. */
const ANSWER_MS = 5_000;

type Ask = Request extends infer R ? (R extends Request ? Omit<R, "token"> : never) : never;

/** Control over the links of a fabric, from whichever process. */
export function linkControl(address: () => ControlAddress): LinkControl {
  const ask = (request: Ask) => send(address(), { ...request, token: address().token } as Request);
  return {
    impair: async (impairment) => {
      await ask({ ask: "impair", impairment });
    },
    heal: async (heal) => {
      await ask({ ask: "heal", heal });
    },
    impairments: async () => (await ask({ ask: "impairments" })).impairments ?? [],
    traffic: async () => (await ask({ ask: "traffic" })).traffic ?? [],
    move: async (node) => (await ask({ ask: "move", node })).host ?? "",
  };
}

/** @throws DrillError `COMMAND_FAILED` */
async function send(
  { host = "127.0.0.1", port }: ControlAddress,
  request: Request,
): Promise<Response & { ok: true }> {
  const response = await exchange(host, port, request).catch((cause: unknown) => {
    throw new DrillError("COMMAND_FAILED", `the fabric of the links does not answer: ${messageOf(cause)}`, {
      hint: "`valkey-drill down` clears the environment; start it anew",
      cause,
    });
  });
  if (response.ok) return response;
  throw new DrillError("COMMAND_FAILED", `the fabric of the links refused: ${response.error}`);
}

function exchange(host: string, port: number, request: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ host, port }, () => socket.write(`${JSON.stringify(request)}\n`));
    const end = deadline(ANSWER_MS, () => socket.destroy(new Error(`no answer within ${ANSWER_MS} ms`)));
    socket.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
    socket.once("error", reject);
    socket.once("close", () => {
      end();
      const [line, rest] = text.split("\n", 2);
      if (line && rest !== undefined) resolve(JSON.parse(line) as Response);
      else reject(new Error("the connection was closed without an answer"));
    });
  });
}
