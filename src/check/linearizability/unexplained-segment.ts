import { isOpen, type RegisterOperation, type Value } from "../../model/register.ts";
import { traceIn } from "./appends.ts";
import type { Budget } from "./budget.ts";
import { withoutCommonBeginning } from "./common-beginning.ts";
import { neededOf } from "./dropping.ts";
import { type ModelStep, modelStepsOf } from "./model-steps.ts";
import { makeProblem } from "./problem.ts";
import { search } from "./search.ts";
import { suspects } from "./suspects.ts";
import { foundBy, sameValue, setBy } from "./words.ts";

/** A small part of one key's history that has no legal order already; so the whole has none. */
export interface Segment {
  /** In the order of their invocations, as they were in the history. */
  readonly operations: readonly RegisterOperation[];
  /** Ids of the longest legal order of some of them. */
  readonly order: readonly number[];
  /** Id of the operation that could not be placed: the one that ends first of what is missing in that order. */
  readonly stuck: number;
}

/**
 * The smallest part of a key's history without a legal order that is found by
 *
 * 1. its shortest beginning that has none (a beginning of a linearizable history is linearizable, so halving finds it),
 *    — or, where a key is only appended to, two reads that contradict each other —
 * 2. the fewest of its last operations, doubled each time, with those that they need,
 * 3. cutting off what all values begin with, where the key is only appended to and read, and
 * 4. dropping halves, quarters, …, single operations as long as there is no legal order.
 *
 * What is kept is a proof by itself (see `neededOf`). If the budget is over, it is what was reached until then.
 */
export function smallestUnexplainedSegment(
  operations: readonly RegisterOperation[],
  budget: Budget,
): Segment {
  const all = operations.map(withoutEmptyList);
  const first = ofSuspects(all, budget) ?? lastOnes(shortestBeginning(all, budget), budget);
  const shortest = withoutCommonBeginning(first.operations);
  const cut = shortest !== undefined && fails(shortest, budget);
  const view = cut ? viewOf(shortest, budget) : first.view;
  const judged = asOperations(dropMore(cut ? view.steps : first.kept, view), view);
  const shorter = withoutCommonBeginning(judged);
  const proof = withMakers(
    shorter !== undefined && fails(shorter, budget) ? shorter : judged,
    first.view.all,
  );
  const { order, stuck } = search(makeProblem(proof, true), { ...budget, steps: LONGEST_STEPS }, true);
  const idOf = (place: number | undefined) => (proof[place ?? proof.length - 1] as RegisterOperation).id;
  const ids = new Set(proof.map(({ id }) => id));
  return {
    operations: operations.filter(({ id }) => ids.has(id)).sort((a, b) => a.invokedAt - b.invokedAt),
    order: order.map(idOf),
    stuck: idOf(stuck),
  };
}

/**
 * Where the appends are left out, nothing tells any more that the key held a list, and that an empty one is nothing.
 */
function withoutEmptyList(
  operation: RegisterOperation,
  _: number,
  all: readonly RegisterOperation[],
): RegisterOperation {
  const { action } = operation;
  const isEmpty = action.f === "read" && Array.isArray(action.value) && action.value.length === 0;
  if (!isEmpty || !all.some((other) => other.action.f === "append")) return operation;
  return { ...operation, action: { f: "read", value: null } };
}

/** Enough to come as far as one can in what a person can read. */
const LONGEST_STEPS = 1_000_000;

interface View {
  /** The beginning, and the same as steps. What is kept are these, or a `write` in place of a `cas`. */
  readonly all: readonly RegisterOperation[];
  readonly steps: readonly ModelStep[];
  readonly budget: Budget;
}

function fails(operations: readonly RegisterOperation[], budget: Budget): boolean {
  budget.steps -= operations.length;
  if (budget.steps < 0) return false;
  return search(makeProblem(operations, false), budget, false).outcome === "not-linearizable";
}

function shortestBeginning(operations: readonly RegisterOperation[], budget: Budget): RegisterOperation[] {
  const ends = operations
    .filter((operation) => !isOpen(operation))
    .map(({ returnedAt }) => returnedAt)
    .sort((a, b) => a - b);
  let [low, high] = [0, ends.length - 1]; // the whole is known to fail
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fails(beginningUntil(operations, ends[middle] as number), budget)) high = middle;
    else low = middle + 1;
  }
  return beginningUntil(operations, ends[high] as number);
}

/** What was known at that time: of what had not ended then, nobody knew the end. */
function beginningUntil(operations: readonly RegisterOperation[], time: number): RegisterOperation[] {
  return operations
    .filter(({ invokedAt }) => invokedAt <= time)
    .map((operation) => (operation.returnedAt > time ? { ...operation, returnedAt: Infinity } : operation));
}

function viewOf(all: readonly RegisterOperation[], budget: Budget): View {
  return { all, steps: modelStepsOf(all).steps, budget };
}

/** A part that has no legal order: steps of a view, and the same as operations. */
interface Part {
  readonly view: View;
  readonly kept: readonly ModelStep[];
  readonly operations: readonly RegisterOperation[];
}

/** Two reads that contradict each other, with what they need, where there are such and that is enough. */
function ofSuspects(operations: readonly RegisterOperation[], budget: Budget): Part | undefined {
  const pair = suspects(operations);
  if (pair === undefined) return undefined;
  const view = viewOf(operations, budget);
  const [both, others] = [true, false].map((wanted) =>
    view.steps.filter(({ source }) => pair.includes(operations[source] as RegisterOperation) === wanted),
  ) as [ModelStep[], ModelStep[]];
  const part = partOf([...both, ...neededIn(view, others, both)], view);
  const shorter = withoutCommonBeginning(part.operations);
  return fails(shorter ?? part.operations, budget) ? part : undefined;
}

/** The operations that ended last, as few as have no legal order, with those that they need to be judged. */
function lastOnes(operations: readonly RegisterOperation[], budget: Budget): Part {
  const view = viewOf(operations, budget);
  const { steps } = view;
  const ended = steps
    .filter(({ returnedAt }) => returnedAt !== Infinity)
    .sort((a, b) => b.returnedAt - a.returnedAt);
  for (let size = 2; size < ended.length; size *= 2) {
    const last = new Set(ended.slice(0, size));
    const others = steps.filter((step) => !last.has(step));
    // They count as writes: what they found does not matter here, so they need no others in their turn.
    const part = partOf([...last, ...neededIn(view, others, [...last]).map(asWrite)], view);
    if (fails(part.operations, budget)) return part;
  }
  return partOf(steps, view);
}

function partOf(kept: readonly ModelStep[], view: View): Part {
  return { view, kept, operations: asOperations(kept, view) };
}

/** Drops runs of operations, each time half as long, down to one by one until nothing more can be dropped. */
function dropMore(from: readonly ModelStep[], view: View): ModelStep[] {
  let kept = [...from].sort((a, b) => a.invokedAt - b.invokedAt);
  const failsAs = (less: readonly ModelStep[]) => {
    const sources = new Set(less.map(({ source }) => source));
    const dropped = view.steps.filter(({ source }) => !sources.has(source));
    return neededIn(view, dropped, less).length === 0 && fails(asOperations(less, view), view.budget);
  };
  let length = kept.length >> 1;
  for (let changed = true; (changed || length > 1) && view.budget.steps > 0; ) {
    changed = false;
    length = Math.max(1, length >> 1);
    for (let at = 0; at < kept.length; ) {
      const less = kept.toSpliced(at, length);
      const weaker = length === 1 ? kept.with(at, asWrite(kept[at] as ModelStep)) : kept;
      if (less.length > 0 && failsAs(less)) kept = less;
      else if (weaker[at] !== kept[at] && failsAs(weaker)) kept = weaker;
      else {
        at += length;
        continue;
      }
      changed = true;
    }
  }
  return kept;
}

/**
 * With the operation that set what another one found, where it was dropped: no part of the proof, but a person looks
 * for it. A part that may be judged without it may be judged with it.
 */
function withMakers(
  proof: readonly RegisterOperation[],
  all: readonly RegisterOperation[],
): RegisterOperation[] {
  if (all.some(({ action }) => action.f === "append")) return [...proof];
  const made = (value: Value, operations: readonly RegisterOperation[]) =>
    operations.filter((operation) => sameValue(setBy(operation), value));
  const missing = proof.flatMap((finder) => {
    const found = foundBy(finder);
    if (found === undefined || found === null || made(found, proof).length > 0) return [];
    return made(found, all)
      .filter(({ invokedAt }) => invokedAt < finder.returnedAt)
      .sort((a, b) => a.returnedAt - b.returnedAt)
      .slice(-1);
  });
  return [
    ...new Map([...missing.map(alone), ...proof].map((operation) => [operation.id, operation])).values(),
  ];
}

/** What a compare-and-set set, without asking what it found. */
function alone(operation: RegisterOperation): RegisterOperation {
  const { action } = operation;
  return action.f === "cas" ? { ...operation, action: { f: "write", value: action.to } } : operation;
}

function asWrite(step: ModelStep): ModelStep {
  return step.kind === "cas" ? { ...step, kind: "write", value: step.to } : step;
}

function neededIn(
  { all, budget }: View,
  dropped: readonly ModelStep[],
  kept: readonly ModelStep[],
): ModelStep[] {
  budget.steps -= (dropped.length + kept.length) >> 2;
  if (budget.steps < 0) return [...dropped];
  const sourceOf = ({ source }: ModelStep) => all[source] as RegisterOperation;
  if (!dropped.some(({ kind }) => kind === "append")) return neededOf(dropped, kept, () => false);
  const showsIn = traceIn(kept.map(sourceOf));
  budget.steps -= kept.reduce((sum, step) => sum + lengthRead(sourceOf(step)), 0);
  return neededOf(dropped, kept, (append) => showsIn(sourceOf(append)));
}

/** Characters or elements that a read found: all are looked at to tell what shows in it. */
function lengthRead({ action }: RegisterOperation): number {
  if (action.f !== "read") return 0;
  return typeof action.value === "string" || Array.isArray(action.value) ? action.value.length : 0;
}

function asOperations(kept: readonly ModelStep[], { all }: View): RegisterOperation[] {
  return kept.map(({ kind, source }) => {
    const operation = all[source] as RegisterOperation;
    return kind === "write" ? alone(operation) : operation;
  });
}
