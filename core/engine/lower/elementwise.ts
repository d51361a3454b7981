import type { Attributes } from "../trace/graph.ts";
import { input, type LoweringRule, storedBroadcast } from "./rule.ts";

const BINARY: Record<string, string> = {
  Add: "Add",
  Sub: "Sub",
  Multiply: "Mul",
  RealDiv: "Div",
  Maximum: "Max",
  Minimum: "Min",
  Pow: "Pow",
};

const UNARY: Record<string, string> = {
  Neg: "Neg",
  Exp: "Exp",
  Log: "Log",
  Sqrt: "Sqrt",
  Erf: "Erf",
  Tanh: "Tanh",
  Sigmoid: "Sigmoid",
  Relu: "Relu",
  Abs: "Abs",
  Reciprocal: "Reciprocal",
};

function binary(op: string): LoweringRule {
  return (builder, node) => {
    const a = input(node, "a"), b = input(node, "b"), [out] = node.outputs;
    // Multiplying by ones only broadcasts: keep the smaller tensor.
    if (op === "Mul" && builder.isOnes(b)) return builder.set(out, builder.small(a), builder.storedShape(a));
    if (op === "Mul" && builder.isOnes(a)) return builder.set(out, builder.small(b), builder.storedShape(b));
    builder.set(out, builder.emitOne(op, [builder.small(a), builder.small(b)]), storedBroadcast(builder, a, b));
  };
}

function unary(emit: (builder: Parameters<LoweringRule>[0], x: string) => string): LoweringRule {
  return (builder, node) => {
    const x = input(node, "x");
    builder.set(node.outputs[0], emit(builder, builder.small(x)), builder.storedShape(x));
  };
}

const squaredDifference: LoweringRule = (builder, node) => {
  const a = input(node, "a"), b = input(node, "b");
  const difference = builder.emitOne("Sub", [builder.small(a), builder.small(b)]);
  builder.set(node.outputs[0], builder.emitOne("Mul", [difference, difference]), storedBroadcast(builder, a, b));
};

const addN: LoweringRule = (builder, node) => {
  const [first, ...rest] = node.inputs.list as number[];
  let sum = builder.full(first);
  for (const id of rest) sum = builder.emitOne("Add", [sum, builder.full(id)]);
  builder.set(node.outputs[0], sum);
};

const cast: LoweringRule = (builder, node) => {
  const x = input(node, "x"), { dtype } = builder.value(node.outputs[0]);
  const same = builder.value(x).dtype === dtype;
  const name = same
    ? builder.small(x)
    : builder.emitOne("Cast", [builder.small(x)], { to: dtype === "float32" ? 1 : 6 });
  builder.set(node.outputs[0], name, builder.storedShape(x));
};

/** A tensor of equal elements, stored as one. */
function constant(element: (attributes: Attributes) => number): LoweringRule {
  return (builder, { attributes, outputs: [out] }) => {
    const dtype = builder.value(out).dtype === "float32" ? "float32" : "int32";
    builder.set(out, builder.scalar(element(attributes), dtype), []);
  };
}

/** Kernels that act on each element alone. */
export const ELEMENTWISE_RULES: Record<string, LoweringRule> = {
  ...Object.fromEntries(Object.entries(BINARY).map(([kernel, op]) => [kernel, binary(op)])),
  ...Object.fromEntries(
    Object.entries(UNARY).map(([kernel, op]) => [kernel, unary((builder, x) => builder.emitOne(op, [x]))]),
  ),
  Square: unary((builder, x) => builder.emitOne("Mul", [x, x])),
  Rsqrt: unary((builder, x) => builder.emitOne("Reciprocal", [builder.emitOne("Sqrt", [x])])),
  Identity: unary((_, x) => x),
  SquaredDifference: squaredDifference,
  AddN: addN,
  Cast: cast,
  ZerosLike: constant(() => 0),
  OnesLike: constant(() => 1),
  Fill: constant(({ value }) => value as number),
};
