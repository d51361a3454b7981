import { UserError } from "../../../core/errors.ts";
import { eachOf, isGroup, member, type Shape, someOf } from "./shape.ts";
import { vocabulary } from "./vocabulary.ts";

/** A node of a parsed expression, as far as claims use the language. */
export interface AstNode {
  type: string;
  value?: unknown;
  steps?: AstNode[];
  arguments?: AstNode[];
  procedure?: AstNode;
  expressions?: AstNode[];
  expression?: AstNode;
  lhs?: AstNode;
  rhs?: AstNode;
  condition?: AstNode;
  then?: AstNode;
  else?: AstNode;
  body?: AstNode;
  /** JSONata wraps the last call of a function in another function, to call it later. */
  thunk?: boolean;
}

/** Where a name is looked up. */
interface Scope {
  /** What is being done, as in "evaluate claim t11.5", for error messages. */
  what: string;
  data: Shape;
  variables: ReadonlyMap<string, Shape>;
}

/** Members of a node that change what its names mean, in words. */
const unfollowed = {
  predicate: "a filter",
  stages: "a filter",
  group: "a group",
  focus: "a binding",
  index: "a binding",
  keepArray: "[]",
};

/**
 * Follows every name of an expression and refuses it when a table, row, column, variable or function does not exist.
 * JSONata itself takes an unknown name for nothing, and then a comparison for false or for no answer.
 *
 * The language of claims is the part of JSONata in which every name can be followed: paths of names, operators,
 * conditions, variables and calls of known functions; no filters, wildcards, orders, regular expressions or recursion.
 *
 * @param what what is being done, as in "evaluate claim t11.5", for error messages
 * @returns the shape of what the expression gives
 * @throws {UserError} at the first name or construct that cannot be followed
 */
export function checkNames(what: string, ast: AstNode, data: Shape): Shape {
  return follow(ast, { what, data, variables: new Map() });
}

function follow(node: AstNode, scope: Scope): Shape {
  refuseUnfollowed(node, scope);
  switch (node.type) {
    case "string":
    case "number":
    case "value":
      return "value";
    case "path":
      return path(node.steps!, scope);
    case "variable":
      return variable(String(node.value), scope);
    case "function":
      return call(node, scope);
    case "block":
      return block(node.expressions!, scope);
    case "binary":
      [node.lhs!, node.rhs!].forEach((side) => follow(side, scope));
      return "value";
    case "unary":
      return unary(node, scope);
    case "condition":
      return condition(node, scope);
    case "lambda":
      return node.thunk
        ? follow(node.body!, scope)
        : refuse(scope, "its expression keeps a function, want it where it is used");
    default:
      return refuse(scope, `its expression uses ${node.type}, want none`);
  }
}

function refuse(scope: Scope, why: string): never {
  throw new UserError(`Cannot ${scope.what}: ${why}`);
}

function refuseUnfollowed(node: AstNode, scope: Scope) {
  const found = Object.entries(unfollowed).find(([key]) => key in node);
  if (found) refuse(scope, `its expression uses ${found[1]}, want none`);
}

function path([first, ...rest]: AstNode[], scope: Scope): Shape {
  const head = first.type === "name" ? step(scope.data, first, scope) : follow(first, scope);
  return rest.reduce((from, node) => step(from, node, scope), head);
}

function step(from: Shape, node: AstNode, scope: Scope): Shape {
  refuseUnfollowed(node, scope);
  if (node.type !== "name") refuse(scope, `its expression uses ${node.type} inside a path, want names`);
  const name = String(node.value);
  if (isGroup(from)) return member(scope.what, from, name);
  return refuse(scope, `'${name}' is looked up in a ${from === "value" ? "value" : "list"}, want a group`);
}

function variable(name: string, scope: Scope): Shape {
  const known = [...scope.variables.keys()].map((name) => `$${name}`);
  return scope.variables.get(name) ?? refuse(scope, `variable $${name} is not known, want ${someOf(known) || "none"}`);
}

function call({ procedure, arguments: given }: AstNode, scope: Scope): Shape {
  if (procedure!.type !== "variable") return refuse(scope, "its expression calls what is not a function's name");
  const name = String(procedure!.value), known = vocabulary.get(name);
  if (scope.variables.has(name) || !known) {
    return refuse(scope, `function $${name} is not known, want one of ${[...vocabulary.keys()].join(", ")}`);
  }
  const lambdas = given!.filter(isLambda), values = given!.filter((argument) => !isLambda(argument));
  if (lambdas.length > 0 && !known.takesFunction) refuse(scope, `function $${name} is given a function, want values`);
  const [first = "value"] = values.map((argument) => follow(argument, scope));
  const [answer = "value"] = lambdas.map((argument) => lambda(argument, eachOf(first) ?? "value", scope));
  return known.gives(first, answer);
}

function isLambda({ type }: AstNode): boolean {
  return type === "lambda";
}

/** A function's parameters are a member, of the given shape, and its key or place. */
function lambda({ arguments: parameters, body }: AstNode, first: Shape, scope: Scope): Shape {
  const named = parameters!.map(({ value }, k): [string, Shape] => [String(value), k === 0 ? first : "value"]);
  const inner = { ...scope, variables: new Map([...scope.variables, ...named]) };
  return follow(body!, inner);
}

function block(expressions: AstNode[], scope: Scope): Shape {
  let inner = scope, last: Shape = "value";
  for (const node of expressions) {
    const bound = node.type === "bind";
    last = follow(bound ? node.rhs! : node, inner);
    if (bound) inner = { ...inner, variables: new Map([...inner.variables, [String(node.lhs!.value), last]]) };
  }
  return last;
}

function unary(node: AstNode, scope: Scope): Shape {
  if (node.value === "-") return follow(node.expression!, scope);
  if (node.value !== "[") return refuse(scope, "its expression makes an object, want none");
  if (node.expressions!.length === 0) return refuse(scope, "its expression has an empty list, want members");
  const [first] = node.expressions!.map((expression) => follow(expression, scope));
  return { each: isGroup(first) || first === "value" ? first : first.each };
}

function condition(node: AstNode, scope: Scope): Shape {
  if (!node.else) return refuse(scope, "its expression has a condition without an else, want one");
  const [, then] = [node.condition!, node.then!, node.else].map((part) => follow(part, scope));
  return then;
}
