import { closeSync, openSync, readdirSync, readFileSync, readSync, writeSync } from "node:fs";
import { endianness } from "node:os";
import { type Look, pause, waitFor } from "../../../base/wait.ts";
import { DrillError, messageOf } from "../../../model/errors.ts";
import { type ProcessIdentity, runState, signal } from "../../identity.ts";
import { type Symbols, symbolsOf } from "./vdso.ts";

/*
 *   server ── clock_gettime, gettimeofday, time ──▶ vDSO, the kernel's page of code in every process
 *                                                     │  its first instruction: jmp
 *                                                     ▼
 *                          free room at the page's end: ask the kernel, add the offset, return
 *
 * A process reads the clock by code that the kernel maps into it, of which it has a copy of its own as soon as that is written
 * to (as a debugger does for a breakpoint). So one process gets another time, at once, while it runs: neither preloaded nor
 * restarted. (libfaketime must be preloaded, and locks up with a jemalloc that is linked dynamically, as Debian's servers have
 * it: https://github.com/wolfcw/libfaketime/issues/130.) Only the time of day moves: CLOCK_MONOTONIC, by which servers measure
 * durations, stays right, as with a clock that is set by hand or by NTP.
 */

const JUMP_BYTES = 5;
const STOP_MS = 2_000;
const ATTEMPTS = 100;

/** x86-64 code for what replaces a function of the vDSO. `<offset>`: eight bytes, whole seconds. */
const REPLACEMENTS: Readonly<Record<string, (offset: Buffer) => Buffer>> = {
  // mov eax, 228 (clock_gettime); syscall; test eax, eax; jne end; test edi, edi (CLOCK_REALTIME); je add;
  // cmp edi, 5 (CLOCK_REALTIME_COARSE); jne end; add: movabs rdx, <offset>; add [rsi], rdx; end: ret
  __vdso_clock_gettime: (offset) =>
    code("b8e4000000 0f05 85c0 7516 85ff 7405 83ff05 750d 48ba", offset, "480116 c3"),
  // mov eax, 96 (gettimeofday); syscall; test rdi, rdi; je end; movabs rdx, <offset>; add [rdi], rdx; end: ret
  __vdso_gettimeofday: (offset) => code("b860000000 0f05 4885ff 740d 48ba", offset, "480117 c3"),
  // mov eax, 201 (time); syscall; movabs rdx, <offset>; add rax, rdx; test rdi, rdi; je end; mov [rdi], rax; end: ret
  __vdso_time: (offset) => code("b8c9000000 0f05 48ba", offset, "4801d0 4885ff 7403 488907 c3"),
};

/** Why clocks of processes cannot be moved here; undefined if they can. */
export function lacksClock(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64" || endianness() !== "LE")
    return "clocks can be moved only on Linux on x86-64";
  try {
    const { image, symbols } = readVdso("self");
    roomIn(image);
    for (const name of Object.keys(REPLACEMENTS)) startOf(symbols, name);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/**
 * Moves the clock of one process by whole seconds, into the future or the past; by 0, it is right again. Stops the process for
 * a moment, so that no thread runs what is being written.
 *
 * @throws DrillError `COMMAND_FAILED` if this system does not let us write to the process
 */
export async function moveClock(of: ProcessIdentity, offsetSeconds: number): Promise<void> {
  const original = readVdso("self"); // the same code in every process; this one's is never written to
  const room = roomIn(original.image);
  const patches: { at: number; bytes: Buffer }[] = [];
  let next = room;
  for (const [name, make] of Object.entries(REPLACEMENTS)) {
    const start = startOf(original.symbols, name);
    if (offsetSeconds === 0) {
      patches.push({ at: start, bytes: original.image.subarray(start, start + JUMP_BYTES) });
      continue;
    }
    const offset = Buffer.alloc(8);
    offset.writeBigInt64LE(BigInt(offsetSeconds));
    const bytes = make(offset);
    patches.push({ at: next, bytes }, { at: start, bytes: jump(start, next) });
    next += bytes.length;
  }
  await whileStopped(of, () => write(of, patches));
}

/** Stopped, it stands still at whatever instruction it has come to; another moment it is another one. */
async function whileStopped(of: ProcessIdentity, act: () => boolean): Promise<void> {
  const wasPaused = runState(of) === "paused";
  const look = (): Look<undefined> =>
    runState(of) === "running" ? { done: false, seen: "it runs" } : { done: true, value: undefined };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    signal(of, "SIGSTOP", "process");
    try {
      await waitFor(look, { what: `process ${of.pid} to stop`, timeoutMs: STOP_MS, intervalMs: 1 });
      if (act()) return;
    } finally {
      if (!wasPaused) signal(of, "SIGCONT", "process");
    }
    await pause(1);
  }
  throw new DrillError("DEADLINE", `process ${of.pid} was reading the clock at each of ${ATTEMPTS} looks`);
}

/** @returns false if a thread stands within the instructions that would be replaced */
function write({ pid }: ProcessIdentity, patches: readonly { at: number; bytes: Buffer }[]): boolean {
  try {
    const { from } = mappingOf(pid);
    const places = patches.map(({ at }) => from + at);
    const busy = readdirSync(`/proc/${pid}/task`).some((thread) => {
      const counter = Number(
        readFileSync(`/proc/${pid}/task/${thread}/syscall`, "latin1").trim().split(" ").at(-1),
      );
      return places.some((place) => counter > place && counter < place + JUMP_BYTES);
    });
    if (busy) return false;
    const memory = openSync(`/proc/${pid}/mem`, "r+");
    try {
      for (const { at, bytes } of patches) writeSync(memory, bytes, 0, bytes.length, from + at);
    } finally {
      closeSync(memory);
    }
    return true;
  } catch (cause) {
    throw new DrillError("COMMAND_FAILED", `cannot move the clock of process ${pid}: ${messageOf(cause)}`, {
      hint: "A process must be traceable for that: sudo sysctl kernel.yama.ptrace_scope=0, or run as root.",
      cause,
    });
  }
}

function code(before: string, offset: Buffer, after: string): Buffer {
  return Buffer.concat([hex(before), offset, hex(after)]);
}

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** jmp rel32, counted from the next instruction. */
function jump(from: number, to: number): Buffer {
  const bytes = Buffer.from([0xe9, 0, 0, 0, 0]);
  bytes.writeInt32LE(to - (from + JUMP_BYTES), 1);
  return bytes;
}

function startOf(symbols: Symbols, name: string): number {
  const symbol = symbols.get(name);
  if (symbol === undefined || symbol.size < JUMP_BYTES)
    throw new Error(`the vDSO of this kernel has no ${name}`);
  return symbol.at;
}

/** The zeros at the end of the image, which nothing uses. */
function roomIn(image: Buffer): number {
  const needed = Object.values(REPLACEMENTS).reduce((sum, make) => sum + make(Buffer.alloc(8)).length, 0);
  let at = image.length;
  while (at > 0 && image[at - 1] === 0) at -= 1;
  const aligned = Math.ceil((at + 1) / 16) * 16;
  if (image.length - aligned < needed) throw new Error("there is no room in the vDSO of this kernel");
  return aligned;
}

function readVdso(pid: number | "self"): { image: Buffer; symbols: Symbols } {
  const { from, to } = mappingOf(pid);
  const image = Buffer.alloc(to - from);
  const memory = openSync(`/proc/${pid}/mem`, "r");
  try {
    readSync(memory, image, 0, image.length, from);
  } finally {
    closeSync(memory);
  }
  return { image, symbols: symbolsOf(image) };
}

function mappingOf(pid: number | "self"): { from: number; to: number } {
  const line = readFileSync(`/proc/${pid}/maps`, "latin1")
    .split("\n")
    .find((text) => text.endsWith("[vdso]"));
  const [from, to] =
    (line ?? "")
      .split(" ", 1)[0]
      ?.split("-")
      .map((text) => Number.parseInt(text, 16)) ?? [];
  if (from === undefined || to === undefined || !(to > from)) throw new Error(`process ${pid} has no vDSO`);
  return { from, to };
}
