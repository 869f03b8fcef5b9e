import { describe, expect, it } from "vitest";
import { painter, wantsColour } from "./colour.ts";

describe("wantsColour", () => {
  it.each([
    ["a terminal", { isTTY: true }, {}, true],
    ["a pipe", {}, {}, false],
    ["a dumb terminal", { isTTY: true }, { TERM: "dumb" }, false],
    ["NO_COLOR", { isTTY: true }, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR", { isTTY: true }, { NO_COLOR: "" }, true],
    ["FORCE_COLOR", {}, { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR=0", { isTTY: true }, { FORCE_COLOR: "0" }, false],
    ["NO_COLOR against FORCE_COLOR", {}, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  ])("%s", (_name, stream, env, wanted) => expect(wantsColour(stream, env)).toBe(wanted));
});

describe("painter", () => {
  it("paints if told to, whatever standard output is", () => {
    expect(painter(true).bad("x")).toBe("\u001b[31mx\u001b[39m");
    expect(painter(false).bad("x")).toBe("x");
  });
});
