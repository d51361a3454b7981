import type { ConvMaeConfig } from "../../../core/methods/convmae/config.ts";
import { convMaeProgram } from "../../../core/methods/convmae/program.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import type { Check } from "../check.ts";
import { checkAutoencoder } from "./maeStep.ts";

/** What a fixture says of its hybrid encoder. */
export interface HybridFacts {
  img: number;
  /** Sides of the three patch embeddings' kernels. */
  ps: [number, number, number];
  dims: [number, number, number];
  depths: [number, number, number];
  heads: number;
  mlp: [number, number, number];
  B: number;
}

interface Facts extends HybridFacts {
  fam: "convmae" | "convit";
  ddim: number;
  ddepth: number;
  dheads: number;
  m: number;
  order?: "aligned" | "released";
}

/** The encoder of a fixture, as the released code has it. */
export function hybridOf({ img, ps, dims, depths, heads, mlp }: HybridFacts) {
  return {
    imageSize: img,
    patchSize: ps[0] * ps[1] * ps[2],
    embedDim: dims[2],
    depth: depths[2],
    numHeads: heads,
    mlpRatio: mlp[2],
    stages: {
      patchSizes: [ps[0], ps[1]],
      dims: [dims[0], dims[1]],
      depths: [depths[0], depths[1]],
      mlpRatio: mlp[0],
      normEps: 1e-5,
    },
  } satisfies Partial<ConvMaeConfig>;
}

/** ConvMAE: one view, uniform masks, normalised pixels. DMJD on it: two views of cells, whitened HOG, a branch for visible patches. */
function configOf(facts: Facts): ConvMaeConfig {
  const { fam, ddim, ddepth, dheads, m, order = "aligned" } = facts, joint = fam === "convit";
  return {
    ...hybridOf(facts),
    decoderDim: ddim,
    decoderDepth: ddepth,
    decoderHeads: dheads,
    maskRatio: m,
    predRatio: joint ? 1 : m,
    views: joint ? 2 : 1,
    viewRule: joint ? "disjoint" : "independent",
    pattern: joint ? "cells" : "uniform",
    target: joint ? "hog" : "normPixels",
    visible: joint ? { projector: "mlp3", pairing: order, weight: 1 } : null,
    lrRule: "adaptive",
  };
}

/** A fixture's tensors of which some come from a variant: outputs, losses and gradients of the same weights. */
function variantOf(file: SafetensorsFile, prefix: string): SafetensorsFile {
  const own = [...file.tensors].flatMap(([name, tensor]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : []
  );
  return { ...file, tensors: new Map([...file.tensors, ...own]) };
}

/**
 * Checks a masked autoencoder on a hybrid encoder as those on a vision transformer are; where the fixture has a variant with eps 1e-6
 * in all norms, its losses and gradients, too.
 *
 * @param file a fixture of kind "convmae-…" or "dmjd-convit-…"
 */
export async function checkConvMaeStep(file: SafetensorsFile): Promise<Check> {
  const facts = JSON.parse(file.metadata.cfg) as Facts, config = configOf(facts), { B } = facts, K = config.views;
  const of = (file: SafetensorsFile, config: ConvMaeConfig) =>
    checkAutoencoder(
      file,
      { B, K },
      config,
      (looked) => convMaeProgram({ config, rows: B * K, looked }),
    );
  const check = await of(file, config);
  if (!file.tensors.has("eps1e6/loss")) return check;
  const small: ConvMaeConfig = { ...config, stages: { ...config.stages, normEps: 1e-6 } };
  const { quantities } = await of(variantOf(file, "eps1e6/"), small);
  // The variant has no weights after its steps, whose losses tell of them.
  const variant = quantities.filter(({ name }) => /^(latents|predictions|losses|gradients)/.test(name))
    .map((quantity) => ({ ...quantity, name: `eps 1e-6: ${quantity.name}` }));
  return { ...check, quantities: [...check.quantities, ...variant] };
}
