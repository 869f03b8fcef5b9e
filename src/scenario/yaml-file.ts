import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { DrillError, messageOf } from "../model/errors.ts";

type Document = ReturnType<typeof parseDocument>;

/** YAML that is well-formed. */
export interface YamlFile {
  readonly value: unknown;
  /** By a schema. @throws DrillError `BAD_SCENARIO` with `file:line` and what is wrong there */
  read<T>(schema: z.ZodType<T>): T;
}

/** Reads YAML by a schema; `path` is for the errors. @throws DrillError `BAD_SCENARIO`, as `parseYaml` and `read` */
export function readYaml<T>(text: string, path: string, schema: z.ZodType<T>): T {
  return parseYaml(text, path).read(schema);
}

/** For what is read by more than one schema. @throws DrillError `BAD_SCENARIO` with `file:line` if it is no YAML */
export function parseYaml(text: string, path: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${path}:${lines.linePos(offset).line}`;
  const [malformed] = document.errors;
  if (malformed) {
    throw new DrillError("BAD_SCENARIO", `${at(malformed.pos[0])}: not valid YAML: ${malformed.message}`);
  }
  const value = plainValue(document, path);
  return {
    value,
    read(schema) {
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      const problems = parsed.error.issues.map((issue) => {
        const unknown = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
        const offset = offsetOf(document, [...issue.path, ...unknown]);
        return `${at(offset)}: ${described(issue.path, issue.message)}`;
      });
      throw new DrillError("BAD_SCENARIO", problems.join("\n"), {
        hint: "docs/guide.md describes the format.",
      });
    },
  };
}

/** A problem behind the place where it is: `steps[3].inject: no fault is named …`. */
export function described(path: readonly PropertyKey[], message: string): string {
  const place = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return place === "" ? message : `${place.replace(/^\./, "")}: ${message}`;
}

/** An alias is resolved only now, and may name nothing. */
function plainValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new DrillError("BAD_SCENARIO", `${path}: not valid YAML: ${messageOf(cause)}`, { cause });
  }
}

/** Where in the text the nearest thing on the path to the problem stands: a key that is missing has no place itself. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === path[length - 1])
      : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
