import { expect, it } from "vitest";
import { firstFailure } from "./closing.ts";

it("does all of it in order, and tells the first failure", async () => {
  const done: string[] = [];
  const work =
    (name: string, fails = false) =>
    async () => {
      done.push(name);
      if (fails) throw new Error(name);
    };
  const failure = await firstFailure([work("a"), work("b", true), work("c", true), work("d")]);
  expect(failure).toEqual(new Error("b"));
  expect(done).toEqual(["a", "b", "c", "d"]);
  expect(await firstFailure([work("e")])).toBeUndefined();
});
