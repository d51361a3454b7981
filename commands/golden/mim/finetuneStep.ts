import { trainingEngine } from "../engine.ts";
import { Arena } from "../../../core/engine/arena.ts";
import { type ClassifierConfig, classifierInference, classifierProgram } from "../../../core/models/classifier.ts";
import { tokenCount } from "../../../core/models/config.ts";
import { blockCount } from "../../../core/models/hybrid.ts";
import { allTokens, gatherPatches } from "../../../core/models/patches.ts";
import { decaysInFinetuning, layerDecayFactor } from "../../../core/optim/groups.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type Check, quantity, relativeNorm } from "../check.ts";
import { type HybridFacts, hybridOf } from "./convMaeStep.ts";
import { checkTraining, floats, startWeights, TOLERANCE, whole } from "./training.ts";

/** Label smoothing of the fixture's second loss. */
const SMOOTHING = 0.1;

type Facts =
  & { classes: number; decay: number; B: number; img: number; heads: number }
  & (
    | ({ arch: "convit" } & HybridFacts)
    | { arch: "vit"; patch: number; dim: number; depth: number }
  );

function configOf(facts: Facts): ClassifierConfig {
  const { classes: numClasses, img: imageSize, heads: numHeads } = facts;
  if (facts.arch === "convit") return { ...hybridOf(facts), numClasses };
  const { patch: patchSize, dim: embedDim, depth } = facts;
  return { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio: 4, numClasses };
}

/**
 * Checks logits, losses, gradients and three AdamW steps with layer-wise rates of a classifier's fine-tuning.
 *
 * @param file a fixture of kind "ft-vit-gap" or "ft-convit"
 */
export async function checkFinetuneStep(file: SafetensorsFile): Promise<Check> {
  const facts = JSON.parse(file.metadata.cfg) as Facts, config = configOf(facts), { B } = facts;
  const patches = gatherPatches(floats(file, "x"), config, allTokens(B, tokenCount(config)));
  const program = classifierProgram(config, B), arena = startWeights(file, new Arena(program.parameters));
  const look = await trainingEngine().infer(classifierInference(config, B), arena);
  const { logits } = await look.run({ patches }), labels = whole(file, "y");
  const hard = smoothedLoss(logits, labels, config.numClasses) / floats(file, "loss_hard_smooth")[0] - 1;
  const quantities = [
    quantity("logits", relativeNorm(logits, floats(file, "logits")), TOLERANCE.forward),
    quantity("loss of hard labels, smoothed", Math.abs(hard), TOLERANCE.loss),
  ];
  look.dispose();
  const keep = new Float32Array(2 * blockCount(config) * B).fill(1);
  const steps = await checkTraining(file, program, arena, { patches, keep, targets: floats(file, "soft") }, {
    lrFactor: (name) => layerDecayFactor(name, config.depth, facts.decay),
    decays: decaysInFinetuning,
  });
  return { kind: file.metadata.kind, quantities: [...quantities, ...steps] };
}

/** Mean cross-entropy against labels of which a share goes to all classes. */
function smoothedLoss(logits: Float32Array, labels: number[], classes: number): number {
  return labels.reduce((sum, label, b) => {
    const row = logits.subarray(b * classes, (b + 1) * classes);
    const all = Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0));
    const mean = row.reduce((total, logit) => total + logit, 0) / classes;
    return sum + (all - (1 - SMOOTHING) * row[label] - SMOOTHING * mean) / labels.length;
  }, 0);
}
