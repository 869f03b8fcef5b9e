import { isOpen, type RegisterOperation, type Value } from "../../model/register.ts";

/**
 * On a key that is only appended to and read: two reads that cannot both be right, the later one as early as possible.
 * One found less than another one had found before, or neither begins with the other. `undefined`: there is no such
 * pair.
 */
export function suspects(
  operations: readonly RegisterOperation[],
): readonly [RegisterOperation, RegisterOperation] | undefined {
  const reads: Read[] = [];
  for (const operation of operations) {
    const { action } = operation;
    if (action.f !== "append" && action.f !== "read") return undefined;
    if (action.f === "read" && !isOpen(operation)) {
      const value = action.value ?? "";
      if (typeof value !== "string" && !Array.isArray(value)) return undefined;
      reads.push({ operation, value });
    }
  }
  return shorterLater(reads) ?? unlike(reads);
}

interface Read {
  readonly operation: RegisterOperation;
  readonly value: string | readonly Value[];
}

function shorterLater(reads: readonly Read[]): [RegisterOperation, RegisterOperation] | undefined {
  const ended = reads.toSorted((a, b) => a.operation.returnedAt - b.operation.returnedAt);
  const begun = reads.toSorted((a, b) => a.operation.invokedAt - b.operation.invokedAt);
  let next = 0;
  let longest: Read | undefined;
  for (const read of begun) {
    for (; (ended[next]?.operation.returnedAt ?? Infinity) < read.operation.invokedAt; next += 1) {
      const other = ended[next] as Read;
      if (longest === undefined || other.value.length > longest.value.length) longest = other;
    }
    if (longest && longest.value.length > read.value.length) {
      const nearest = ended
        .slice(0, next)
        .reduce((best, other) => nearer(other, best, read.value.length), longest);
      return [nearest.operation, read.operation];
    }
  }
  return undefined;
}

/** Of two reads the one that found more than `length`, but the least of that. */
function nearer(a: Read, b: Read, length: number): Read {
  return a.value.length > length && a.value.length < b.value.length ? a : b;
}

function unlike(reads: readonly Read[]): [RegisterOperation, RegisterOperation] | undefined {
  const byLength = reads.toSorted((a, b) => a.value.length - b.value.length);
  for (const [index, { operation, value }] of byLength.entries()) {
    const longer = byLength[index + 1];
    if (longer && !beginsWith(longer.value, value)) return [operation, longer.operation];
  }
  return undefined;
}

function beginsWith(longer: Read["value"], shorter: Read["value"]): boolean {
  if (shorter.length === 0) return true;
  if (typeof longer === "string") return typeof shorter === "string" && longer.startsWith(shorter);
  if (typeof shorter === "string") return false;
  return shorter.every((element, at) => JSON.stringify(element) === JSON.stringify(longer[at]));
}
