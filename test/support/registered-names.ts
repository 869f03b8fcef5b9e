import ts from "typescript";
import { isTest, type SourceFile } from "./structure.ts";

/** What the registries hold, by name. */
export interface Registered {
  readonly faults: readonly string[];
  readonly workloads: readonly string[];
  readonly checkers: readonly string[];
}

/**
 * Where code names one of them, each once for each file: `src/check/judge.ts: stale-route`.
 *
 * A name with a hyphen means nothing else, so each literal counts. The others are common words, such as `stop` or
 * `topology`: there the place decides, as in `fault.kind === "stop"`.
 */
export function namedIn(file: SourceFile, registered: Registered): string[] {
  const { faults, workloads, checkers } = registered;
  const all = new Set([...faults, ...workloads, ...checkers]);
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && all.has(node.text) && !isType(node)) {
      const isFault = faults.includes(node.text);
      if (node.text.includes("-") ? !isJsx(node) : isMeant(node, isFault)) found.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return [...found].sort().map((name) => `${file.path}: ${name}`);
}

/** Is the file core code, which knows all of them by their registries alone? */
export function isCore(file: SourceFile, { checkers }: Registered): boolean {
  const { path } = file;
  if (isTest(file) || !/\.tsx?$/.test(path)) return false;
  const own = [
    "src/fault/",
    "src/model/observed/", // what a workload measured is called as the workload is
    "src/workload/",
    "src/libraries/",
    "src/explain/", // what logs tell may have the name of a fault, and the drill that rehearses it is a scenario
    "src/bakeoff/scenarios/", // each is one drill, as a scenario of `scenarios/` is
    "src/exec/actions/", // each says which faults do what another fault injector calls by that name
    "src/driver/", // what it does to a link has the name of a fault, and it may import none
  ];
  // `lock.ts`, `lock-holds.ts`, `linearizability/…`: of a checker, which names the workload that it judges.
  const ofChecker = checkers.flatMap((name) => [".ts", "-", "/"].map((end) => `src/check/${name}${end}`));
  return ![...own, ...ofChecker].some((start) => path.startsWith(start));
}

const OF_ALL = ["fault", "workload", "checker", "name"];
const TAKES_A_NAME = ["inject", "observations", "observe", "ran"];
const TAKES_A_NAME_AS = ["checker", "fault", "name", "start", "stop", "workload"];

function isMeant(node: ts.StringLiteralLike, isFault: boolean): boolean {
  const { parent } = node;
  const namesOne = (other: ts.Expression) => {
    const last = lastNameOf(other);
    return OF_ALL.includes(last) || (isFault && last === "kind");
  };
  if (ts.isBinaryExpression(parent)) {
    const { operatorToken, left, right } = parent;
    const compares = [
      ts.SyntaxKind.EqualsEqualsEqualsToken,
      ts.SyntaxKind.ExclamationEqualsEqualsToken,
    ].includes(operatorToken.kind);
    return compares && namesOne(left === node ? right : left);
  }
  if (ts.isCaseClause(parent)) return namesOne(parent.parent.parent.expression);
  if (ts.isCallExpression(parent)) {
    const { expression } = parent;
    const ofRegistry = /^(FAULTS|WORKLOADS|CHECKERS)\b/.test(expression.getText());
    return ofRegistry || TAKES_A_NAME.includes(lastNameOf(expression));
  }
  if (ts.isPropertyAssignment(parent))
    return parent.initializer === node && TAKES_A_NAME_AS.includes(parent.name.getText());
  if (ts.isVariableDeclaration(parent)) return parent.initializer === node;
  if (ts.isArrayLiteralExpression(parent) && ts.isPropertyAccessExpression(parent.parent))
    return parent.parent.name.text === "includes";
  return false;
}

function lastNameOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : "";
}

/** `Pick<Scenario, "topology">` names a field. */
function isType({ parent }: ts.Node): boolean {
  return ts.isLiteralTypeNode(parent) || ts.isImportDeclaration(parent);
}

/** A class of a style sheet. */
function isJsx({ parent }: ts.Node): boolean {
  return ts.isJsxAttribute(parent);
}
