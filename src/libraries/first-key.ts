/**
 * By which a library is told where to send a command. The key stands at the same place in all commands that drills
 * send, but for scripts.
 */
export const firstKey = ([name = "", ...args]: readonly string[]): string | undefined =>
  /^EVAL(SHA)?(_RO)?$/i.test(name) ? args[2] : args[0];
