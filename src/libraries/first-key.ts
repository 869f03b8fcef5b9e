/**
 * By which a library is told where to send a command. The key stands at the same place in most commands that drills
 * send: it is the first argument.
 */
export function firstKey([name = "", ...args]: readonly string[]): string | undefined {
  const upper = name.toUpperCase();
  if (/^EVAL(SHA)?(_RO)?$/.test(upper)) return args[2];
  if (upper === "XGROUP") return args[1];
  if (upper === "XREAD" || upper === "XREADGROUP") {
    const streams = args.findIndex((arg) => arg.toUpperCase() === "STREAMS");
    return streams < 0 ? undefined : args[streams + 1];
  }
  return args[0];
}
