import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, truncate, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DrillError, messageOf } from "../../model/errors.ts";
import {
  type MatrixHeader,
  type MatrixRun,
  matrixHeaderSchema,
  matrixRunSchema,
} from "../../model/matrix.ts";
import { writtenScenario } from "../../scenario/written.ts";
import { cellName, loadMatrix, type Matrix } from "./file.ts";

/*
 *   matrix-<time>-<name>-<4 hex>/
 *     matrix.yaml     what is run, whole in itself
 *     cells.jsonl     a header, then a line for each run that ended: what --resume goes on from
 *     cells/01.yaml   the drill of each cell, to be run by itself
 *     runs/           folders of the runs that did not pass
 */

/** A matrix on disk, which may be whole or not. */
export interface MatrixStore {
  readonly dir: string;
  readonly runsDir: string;
  readonly matrix: Matrix;
  readonly header: MatrixHeader;
  /** What has ended so far, in order. */
  readonly runs: readonly MatrixRun[];
  /** Path of a cell's drill; cells are counted from 1. */
  cellPath(cell: number): string;
  /** Writes a run down, and does not return before it is on the disk. */
  add(run: MatrixRun): Promise<void>;
}

/** @throws DrillError `BAD_USAGE` if its folder cannot be made */
export async function createStore(
  outDir: string,
  matrix: Matrix,
  header: MatrixHeader,
): Promise<MatrixStore> {
  const [date, time] = header.startedAt.replaceAll(/[-:]/g, "").split(/[T.]/);
  const dir = resolve(outDir, `matrix-${date}-${time}-${matrix.name}-${randomBytes(2).toString("hex")}`);
  try {
    await mkdir(join(dir, "cells"), { recursive: true });
    await mkdir(join(dir, "runs"));
    const { cells } = matrix;
    for (const [index, { settings, scenario }] of cells.entries())
      await writeFile(cellPath(dir, index + 1), writtenScenario(scenario, [cellName(settings)]));
    await writeFile(join(dir, "matrix.yaml"), matrix.text);
    await appendLine(linesPath(dir), header);
  } catch (cause) {
    throw new DrillError("BAD_USAGE", `the matrix cannot be written into ${dir}: ${messageOf(cause)}`, {
      hint: "Choose a folder that you may write to with --out.",
      cause,
    });
  }
  return storeOf(dir, matrix, header, []);
}

/**
 * Opens a matrix that was begun. A last line that was cut off, as a crash leaves it, is taken away: that run is done
 * again.
 *
 * @throws DrillError `BAD_RUN` if there is none, or its files were damaged
 */
export async function openStore(given: string): Promise<MatrixStore> {
  const dir = resolve(given);
  const text = await readFile(linesPath(dir), "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_RUN", `there is no matrix in ${dir}: ${messageOf(cause)}`, {
      hint: "Give the folder that `valkey-drill matrix` named: matrix-… in --out.",
      cause,
    });
  });
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const [first, ...rest] = whole.split("\n").slice(0, -1);
  const header = parsed(matrixHeaderSchema, first ?? "", `${linesPath(dir)}:1`);
  const runs = rest.map((line, index) => parsed(matrixRunSchema, line, `${linesPath(dir)}:${index + 2}`));
  const matrix = await loadMatrix(join(dir, "matrix.yaml"));
  if (whole.length < text.length) await truncate(linesPath(dir), Buffer.byteLength(whole));
  return storeOf(dir, matrix, header, runs);
}

function storeOf(
  dir: string,
  matrix: Matrix,
  header: MatrixHeader,
  before: readonly MatrixRun[],
): MatrixStore {
  const runs = [...before];
  return {
    dir,
    runsDir: join(dir, "runs"),
    matrix,
    header,
    runs,
    cellPath: (cell) => cellPath(dir, cell),
    add: async (run) => {
      await appendLine(linesPath(dir), run);
      runs.push(run);
    },
  };
}

function linesPath(dir: string): string {
  return join(dir, "cells.jsonl");
}

function cellPath(dir: string, cell: number): string {
  return join(dir, "cells", `${String(cell).padStart(2, "0")}.yaml`);
}

async function appendLine(path: string, line: object): Promise<void> {
  const file = await open(path, "a");
  try {
    await file.writeFile(`${JSON.stringify(line)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

function parsed<T>(schema: { parse(json: unknown): T }, line: string, place: string): T {
  try {
    return schema.parse(JSON.parse(line));
  } catch (cause) {
    throw new DrillError("BAD_RUN", `${place}: not a line of a matrix of this version: ${messageOf(cause)}`, {
      hint: "The file was changed or damaged, or another version wrote it. Run the matrix again.",
      cause,
    });
  }
}
