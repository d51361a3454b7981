import { UserError } from "../../core/errors.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { CONVNET_NAMES } from "../../core/models/convnet/mod.ts";
import type { Check, Checker } from "./check.ts";
import { checkFreezeOutTrace } from "./convNet/trace.ts";
import { checkDmjdMasks } from "./dmjdMasks.ts";
import { checkFreezeTrace } from "./freezeTraceCheck.ts";
import { checkHogDmjd } from "./hogDmjd.ts";
import { checkHogLocalmim } from "./hogLocalmim.ts";
import { checkKnnProbe } from "./knnProbe.ts";
import { checkHogMaskfeat } from "./mim/maskfeatHog.ts";
import { checkPairMasks, checkRuleMasks } from "./mim/masks.ts";
import { checkRates } from "./mim/rates.ts";
import { checkRectangles } from "./mim/rectangles.ts";
import { checkPosEmbed } from "./posEmbed.ts";

/** Kinds of every net's fixtures; they load the engine. */
const ofNets = CONVNET_NAMES.flatMap((name): [string, Checker][] => [
  [`convnet-${name}`, async (file) => (await import("./convNet/step.ts")).checkConvNet(file)],
  [`freezeout-run-${name}`, async (file) => (await import("./convNet/run.ts")).checkFreezeOutRun(file)],
  [`freezeout-run-${name}-epochs`, async (file) => (await import("./convNet/epochs.ts")).checkFreezeOutEpochs(file)],
]);

/** Checks by the kind that a fixture's metadata names. */
const checkers = new Map<string, Checker>([
  ["dmjd-masks", checkDmjdMasks],
  ["freeze-trace", checkFreezeTrace],
  ["freezeout-trace", checkFreezeOutTrace],
  ["hog-dmjd", checkHogDmjd],
  ["hog-localmim", checkHogLocalmim],
  ["hog-maskfeat", checkHogMaskfeat],
  ["knn-probe", checkKnnProbe],
  // These load the engine.
  ["linear-probe", async (file) => (await import("./linearProbe.ts")).checkLinearProbe(file)],
  ["localmim-step", async (file) => (await import("./localmimStep.ts")).checkLocalmimStep(file)],
  ["pos-embed", checkPosEmbed],
  ["dm-masks-k2", checkPairMasks],
  ["dm-masks-rule", checkRuleMasks],
  ["rect-masks", checkRectangles],
  ["lr-rules", checkRates],
  ...ofNets,
]);

for (
  const kind of [
    "mae-layernorm-eps",
    "mae-plain",
    "mae-dm-uniform",
    "mae-dm-k3",
    "mae-dm-block-rawpix",
    "mae-hog-dm-block",
  ]
) {
  checkers.set(kind, async (file) => (await import("./mim/maeStep.ts")).checkMaeStep(file));
}
for (const kind of ["dmjd-vit-hog", "dmjd-vit-hog-released-order", "dmjd-vit-linear-projector", "dmjd-vit-given"]) {
  checkers.set(kind, async (file) => (await import("./mim/maeStep.ts")).checkMaeStep(file));
}

for (const kind of ["convmae-plain", "convmae-layernorm-eps", "dmjd-convit-released", "dmjd-convit-aligned"]) {
  checkers.set(kind, async (file) => (await import("./mim/convMaeStep.ts")).checkConvMaeStep(file));
}

for (const kind of ["ft-vit-gap", "ft-convit"]) {
  checkers.set(kind, async (file) => (await import("./mim/finetuneStep.ts")).checkFinetuneStep(file));
}

for (const kind of ["simmim-vit", "simmim-vit-dm", "simmim-swin", "beit", "beit-dm", "maskfeat", "maskfeat-dm-block"]) {
  checkers.set(kind, async (file) => (await import("./mim/allTokensStep.ts")).checkAllTokensStep(file));
}

/**
 * Compares a fixture with the implementation.
 *
 * @throws {UserError} when its metadata names no known kind, or a tensor is missing or does not fit
 */
export function checkFixture(file: SafetensorsFile): Promise<Check> {
  const kind = file.metadata.kind, checker = checkers.get(kind);
  if (!checker) {
    const known = [...checkers.keys()].join(", ");
    throw new UserError(`Cannot check ${file.name}: its kind is ${kind ?? "not given"}, want one of ${known}`);
  }
  return checker(file);
}
