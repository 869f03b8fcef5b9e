import { expect, it } from "vitest";
import { entriesIn } from "./stream-entries.ts";

const ENTRIES = [
  { id: "1700-0", job: "producer-1:1" },
  { id: "1700-1", job: "producer-1:2" },
];

it.each<[string, unknown]>([
  [
    "RESP2",
    [
      [
        "jobs",
        [
          ["1700-0", ["job", "producer-1:1"]],
          ["1700-1", ["job", "producer-1:2"]],
        ],
      ],
    ],
  ],
  [
    "a map of RESP3, flat",
    [
      "jobs",
      [
        ["1700-0", ["job", "producer-1:1"]],
        ["1700-1", ["job", "producer-1:2"]],
      ],
    ],
  ],
  ["maps within", ["jobs", ["1700-0", [["job", "producer-1:1"]], "1700-1", [["job", "producer-1:2"]]]]],
])("finds the entries of a stream in %s", (_, reply) => {
  expect(entriesIn(reply)).toEqual(ENTRIES);
});

it("finds none where there is none", () => {
  for (const reply of [null, undefined, [], [["jobs", []]], "1700-0"]) expect(entriesIn(reply)).toEqual([]);
});
