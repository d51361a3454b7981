import { UserError } from "../../core/errors.ts";
import { type TeacherModel, teacherSpecs } from "../../core/models/teacher.ts";
import { ShapeReader } from "../../core/models/shapeReader.ts";
import { shapeText } from "../../core/safetensors/tensor.ts";
import { namesText } from "../weights/names.ts";
import { type StoredTensor, toFloat32 } from "../weights/tensors.ts";

/** What stands before the names of CLIP's image encoder, and its first tensor. */
const PREFIX = "visual.", FIRST = "visual.conv1.weight";
/** Width of a head in CLIP's transformers. */
const HEAD_WIDTH = 64;
/** By which CLIP normalises pixels. */
const MEAN = [0.48145466, 0.4578275, 0.40821073] as const, STD = [0.26862954, 0.26130258, 0.27577711] as const;

/** Names of CLIP's tensors by those of timm; the patch embedding has no bias. */
const OUTSIDE: Readonly<Record<string, string>> = {
  cls_token: "class_embedding",
  pos_embed: "positional_embedding",
  "patch_embed.proj.weight": "conv1.weight",
  "norm_pre.weight": "ln_pre.weight",
  "norm_pre.bias": "ln_pre.bias",
  "norm.weight": "ln_post.weight",
  "norm.bias": "ln_post.bias",
};
const INSIDE: Readonly<Record<string, string>> = {
  "norm1.weight": "ln_1.weight",
  "norm1.bias": "ln_1.bias",
  "attn.qkv.weight": "attn.in_proj_weight",
  "attn.qkv.bias": "attn.in_proj_bias",
  "attn.proj.weight": "attn.out_proj.weight",
  "attn.proj.bias": "attn.out_proj.bias",
  "norm2.weight": "ln_2.weight",
  "norm2.bias": "ln_2.bias",
  "mlp.fc1.weight": "mlp.c_fc.weight",
  "mlp.fc1.bias": "mlp.c_fc.bias",
  "mlp.fc2.weight": "mlp.c_proj.weight",
  "mlp.fc2.bias": "mlp.c_proj.bias",
};

/** Whether a state dict is CLIP's, with an image encoder. */
export function isClip(tensors: ReadonlyMap<string, unknown>): boolean {
  return tensors.has(FIRST);
}

/**
 * The image encoder of CLIP (Radford et al. 2021) under OpenAI's names: its transformer up to the norm behind the last block; the
 * projection into the space of texts is left out, as are the texts' tensors.
 *
 * @param file for error messages
 * @returns the model, and its tensors under timm's names
 * @throws {UserError} naming what is missing or of another shape
 */
export function clipTeacher(
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
): { model: TeacherModel; tensors: Map<string, Float32Array> } {
  const model = clipModel(tensors, file),
    specs = teacherSpecs(model).filter(({ name }) => name !== "patch_embed.proj.bias");
  const missing = specs.map(({ name }) => clipName(name)).filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    throw new UserError(`Cannot use ${file}: it lacks ${namesText(missing)} of CLIP's image encoder`);
  }
  const taken = specs.map(({ name, shape }) => {
    const own = clipName(name), stored = tensors.get(own)!;
    // CLIP's class token and positions have no axis of the batch.
    const wanted = name === "cls_token" ? shape.slice(2) : name === "pos_embed" ? shape.slice(1) : shape;
    const found = shapeText(stored.shape);
    if (found !== shapeText(wanted)) {
      throw new UserError(`Cannot use ${file}: tensor '${own}' is ${found}, want ${shapeText(wanted)}`);
    }
    const values = toFloat32(stored, file, own);
    return [name, values] as const;
  });
  return { model, tensors: new Map([...taken, ["patch_embed.proj.bias", new Float32Array(model.embedDim)]]) };
}

function clipModel(tensors: ReadonlyMap<string, StoredTensor>, file: string): TeacherModel {
  const reader = new ShapeReader(tensors, file), blocks = `${PREFIX}transformer.resblocks.`;
  const depth = reader.count(
    /^visual\.transformer\.resblocks\.(\d+)\./,
    "blocks of a transformer in its image encoder",
  );
  const [embedDim, colours, patchSize] = reader.shape(FIRST, 4);
  const [rows] = reader.shape(`${PREFIX}positional_embedding`, 2), side = Math.sqrt(rows - 1);
  if (colours !== 3 || !Number.isInteger(side) || embedDim % HEAD_WIDTH) {
    const found = `${embedDim} channels, ${colours} colours and ${rows} positions`;
    throw new UserError(
      `Cannot use ${file}: its image encoder has ${found}, want a multiple of ${HEAD_WIDTH}, 3, and a square and one`,
    );
  }
  return {
    imageSize: side * patchSize,
    patchSize,
    embedDim,
    depth,
    numHeads: embedDim / HEAD_WIDTH,
    mlpRatio: reader.shape(`${blocks}0.mlp.c_fc.weight`, 2)[0] / embedDim,
    activation: "quickGelu",
    eps: 1e-5,
    learned: true,
    normBefore: true,
    normAfter: true,
    mean: MEAN,
    std: STD,
  };
}

function clipName(name: string): string {
  const [, block, inside] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  return PREFIX + (block === undefined ? OUTSIDE[name] : `transformer.resblocks.${block}.${INSIDE[inside]}`);
}
