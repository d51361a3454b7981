import { MICROSOFT } from "./builder.ts";
import { input, type LoweringRule } from "./rule.ts";

/** x W^T + b as one Gemm. */
const linear: LoweringRule = (builder, node) => {
  const operands = ["x", "weight", "bias"].map((name) => builder.full(input(node, name)));
  const [x, weight, bias] = operands, transB = 1;
  if (!builder.fused) return builder.set(node.outputs[0], builder.emitOne("Gemm", operands, { transB }));
  const product = builder.emitOne("FusedMatMul", [x, weight], { transB }, MICROSOFT);
  builder.set(node.outputs[0], builder.emitOne("Add", [product, bias]));
};

const layerNorm: LoweringRule = (builder, node) => {
  const operands = ["x", "weight", "bias"].map((name) => builder.full(input(node, name)));
  const attributes = { axis: -1, epsilon: { float: node.attributes.eps as number } };
  const names = builder.emit("LayerNormalization", operands, { attributes, outputs: 3 });
  node.outputs.forEach((id, i) => builder.set(id, names[i]));
};

const gelu: LoweringRule = (builder, node) =>
  builder.set(node.outputs[0], builder.emitOne("Gelu", [builder.full(input(node, "x"))], {}, MICROSOFT));

/**
 * d gelu(x) / dx = Phi(x) + x phi(x) = (1 + erf(t)) / 2 + t / exp(t^2) / sqrt pi, with t = x / sqrt 2. Where exp overflows,
 * the quotient is the 0 that it tends to.
 * HardSigmoid(alpha = beta = 1/2) computes (1 + y) / 2 of the erf in one pass; its clipping to [0, 1] never acts.
 */
const geluGrad: LoweringRule = (builder, node) => {
  const x = builder.full(input(node, "x")), dy = builder.full(input(node, "dy"));
  const t = builder.emitOne("Mul", [x, builder.scalar(Math.SQRT1_2)]);
  const phi = builder.emitOne("HardSigmoid", [builder.emitOne("Erf", [t])], {
    alpha: { float: 0.5 },
    beta: { float: 0.5 },
  });
  const quotient = builder.emitOne("Div", [t, builder.emitOne("Exp", [builder.emitOne("Mul", [t, t])])]);
  const density = builder.emitOne("Mul", [quotient, builder.scalar(1 / Math.sqrt(Math.PI))]);
  builder.set(node.outputs[0], builder.emitOne("Mul", [dy, builder.emitOne("Add", [phi, density])]));
};

/** The recording backend's own kernels (see ops.ts), which stand for several tfjs kernels each. */
export const FUSED_RULES: Record<string, LoweringRule> = {
  Linear: linear,
  LayerNorm: layerNorm,
  Gelu: gelu,
  GeluGrad: geluGrad,
};
