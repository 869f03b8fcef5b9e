import type { Random } from "../../base/random.ts";
import type { Action, RegisterOperation, Value } from "../../model/register.ts";

/** What a key holds: text or a list, and whether what is appended is told apart, or can be mistaken (`a` and `ab`). */
export type Held = "text" | "text of alike parts" | "list" | "list of alike elements";

type Wish = Exclude<Action, { f: "cas-refused" }>;

/**
 * A small history of one key with reads, writes, compare-and-set and appends that was legal: every operation happened
 * at one moment. In most of them one operation is changed afterwards, so that many are no longer legal.
 */
export function mixedRun(held: Held, most: number, random: Random): RegisterOperation[] {
  const lists = held.startsWith("list");
  const part = (id: number): Value => {
    if (!held.includes("alike")) return lists ? id : `<${id}>`;
    return lists ? random.below(2) : (["a", "b", "ab", "aa", ""][random.below(5)] as string);
  };
  const whole = (id: number): Value => {
    if (random.below(4) === 0) return lists ? [] : (["", null, 7, "a"][random.below(4)] as Value);
    return lists ? [part(id)] : part(id);
  };
  const count = 1 + random.below(most);
  const width = 1 + random.below(2 * most);
  let last: Value = null;
  const sent = Array.from({ length: count }, (_, id) => {
    const invokedAt = random.below(2 * most);
    const returnedAt = invokedAt + random.below(width);
    const open = random.below(6) === 0;
    return {
      id,
      invokedAt,
      returnedAt,
      open,
      happensAt: invokedAt + random.next() * (returnedAt - invokedAt),
    };
  }).sort((a, b) => a.happensAt - b.happensAt);
  let state: Value = null;
  const seen: Value[] = [null];
  const operations = sent.map(({ id, invokedAt, returnedAt, open }): RegisterOperation => {
    const wish = wishOf(id);
    const action = open && random.below(2) === 0 ? wish : happen(wish, open);
    return { id, process: `${id}`, key: "k", action, invokedAt, returnedAt: open ? Infinity : returnedAt };
  });
  return random.below(5) === 0 ? operations : changed(changed(operations));

  function wishOf(id: number): Wish {
    const choice = random.below(10);
    if (choice < 3) return { f: "append", value: part(id) };
    if (choice < 7) return { f: "read", value: null };
    if (choice < 8) return { f: "write", value: whole(id) };
    return { f: "cas", from: random.below(3) === 0 ? whole(id) : last, to: whole(id) };
  }
  function happen(wish: Wish, open: boolean): Action {
    const before = state;
    if (wish.f === "read") {
      last = state;
      return { f: "read", value: state };
    }
    if (wish.f === "cas" && JSON.stringify(wish.from) !== JSON.stringify(before)) {
      if (open) return wish;
      return random.below(3) === 0
        ? { f: "cas-refused", from: wish.from }
        : { f: "cas-refused", from: wish.from, saw: before };
    }
    if (wish.f === "append") {
      state = lists ? [...((state ?? []) as Value[]), wish.value] : `${state ?? ""}${wish.value}`;
    } else state = wish.f === "cas" ? wish.to : wish.value;
    seen.push(state);
    last = state;
    return wish;
  }
  /** An operation finds what it did not find, something that stood there at some time or nearly; or it is late. */
  function changed(all: RegisterOperation[]): RegisterOperation[] {
    const finders = all.filter(({ action, returnedAt }) => returnedAt !== Infinity && action.f !== "append");
    const chosen = finders[random.below(Math.max(1, finders.length))];
    const other = seen[random.below(seen.length)] as Value;
    const value = typeof other === "string" && random.below(3) === 0 ? other.slice(0, -1) : other;
    const late = random.below(3) === 0 ? random.below(most) : 0;
    return all.map((operation) => {
      if (operation !== chosen) return operation;
      const { action, invokedAt, returnedAt } = operation;
      const times = { invokedAt: invokedAt + late, returnedAt: returnedAt + late };
      if (action.f === "read") return { ...operation, ...times, action: { f: "read", value } };
      if (action.f === "cas") return { ...operation, ...times, action: { ...action, from: value } };
      return { ...operation, ...times };
    });
  }
}
