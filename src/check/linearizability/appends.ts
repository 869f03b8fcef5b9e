import type { RegisterOperation, Value } from "../../model/register.ts";

/**
 * Would what is appended show in the kept operations, so that they cannot be judged without it? Where a key is only read and
 * appended to, it shows in every read that comes later. Where it is also set, no rule is known here, and every append is needed.
 */
export function leavesTrace(append: RegisterOperation, kept: readonly RegisterOperation[]): boolean {
  if (append.action.f !== "append") return false;
  const { value } = append.action;
  return kept.some(({ action }) => {
    if (action.f === "append") return false;
    return action.f !== "read" || contains(action.value, value);
  });
}

/**
 * The same operations without what all reads begin with, and without the appends that made it; `undefined` where there is no such
 * beginning. Since every element is appended once, those appends came first in any legal order, and the others follow as before.
 */
export function withoutCommonBeginning(kept: readonly RegisterOperation[]): RegisterOperation[] | undefined {
  const appended = kept.flatMap(({ action }) =>
    action.f === "append" ? [JSON.stringify(action.value)] : [],
  );
  const reads = kept.flatMap(({ action }) => (action.f === "read" ? [listOf(action.value)] : []));
  const comparable = kept.every(({ action }) => action.f === "append" || action.f === "read");
  if (!comparable || new Set(appended).size < appended.length) return undefined;
  if (reads.length === 0 || reads.includes(undefined)) return undefined;
  const lists = reads as (readonly Value[])[];
  const [first = []] = lists;
  const differs = first.findIndex((element, at) =>
    lists.some((list) => at >= list.length || JSON.stringify(list[at]) !== JSON.stringify(element)),
  );
  const length = differs < 0 ? first.length : differs;
  if (length === 0) return undefined;
  const common = new Set(first.slice(0, length).map((element) => JSON.stringify(element)));
  return kept.flatMap((operation) => {
    const { action } = operation;
    if (action.f === "append") return common.has(JSON.stringify(action.value)) ? [] : [operation];
    if (action.f !== "read") return [operation];
    return [
      { ...operation, action: { f: "read" as const, value: (listOf(action.value) ?? []).slice(length) } },
    ];
  });
}

function listOf(value: Value): readonly Value[] | undefined {
  return value === null ? [] : Array.isArray(value) ? value : undefined;
}

function contains(value: Value, part: Value): boolean {
  if (Array.isArray(value)) return value.some((element) => JSON.stringify(element) === JSON.stringify(part));
  return typeof value === "string" && value.includes(String(part));
}
