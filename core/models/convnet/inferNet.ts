import { UserError } from "../../errors.ts";
import { ShapeReader, type Shapes } from "../shapeReader.ts";

/** A net's name and its config, not yet checked. */
export interface InferredNet {
  name: string;
  config: Record<string, unknown>;
}

/** A name that a net has, and no other. */
const TELLING: Readonly<Record<string, string>> = {
  wrn: "block1.0.conv1.weight",
  resnet: "layer1.0.conv1.weight",
  densenet: "dense1.0.conv1.weight",
  vgg: "features.0.conv1.weight",
};

/** Stages of a family of names, and members of each: "layer1.0…" to [2, 2, …]. */
function members(reader: ShapeReader, family: string): number[] {
  const counts: number[] = [];
  const count = () => reader.count(new RegExp(`^${family}${counts.length + 1}\\.(\\d+)\\.`), "blocks");
  for (let found = count(); found > 0; found = count()) counts.push(found);
  return counts;
}

/** Classes of the head. */
const classes = (reader: ShapeReader, head: string) => reader.shape(`${head}.weight`, 2)[0];

function inferWrn(reader: ShapeReader): Record<string, unknown> {
  const [blocks] = members(reader, "block"), [width] = reader.shape("block3.0.conv1.weight", 4);
  return { numClasses: classes(reader, "fc"), depth: 6 * blocks + 4, widen: width / 64 };
}

function inferResNet(reader: ShapeReader): Record<string, unknown> {
  const blocks = members(reader, "layer"), block = reader.tensors.has("layer1.0.conv3.weight") ? "bottleneck" : "basic";
  const widths = blocks.map((_, stage) => {
    const [to] = reader.shape(`layer${stage + 1}.0.conv${block === "basic" ? 2 : 3}.weight`, 4);
    return block === "basic" ? to : to / 4;
  });
  const [inner] = reader.shape("layer1.0.conv1.weight", 4), [stem] = reader.shape("conv1.weight", 4);
  const baseWidth = block === "basic" ? 64 : 64 * inner / widths[0];
  return { numClasses: classes(reader, "fc"), block, blocks, widths, stem, baseWidth };
}

function inferDenseNet(reader: ShapeReader): Record<string, unknown> {
  const [units] = members(reader, "dense"), bottleneck = reader.tensors.has("dense1.0.conv2.weight");
  const [growth] = reader.shape(`dense1.0.conv${bottleneck ? 2 : 1}.weight`, 4);
  return { numClasses: classes(reader, "fc"), depth: 3 * units * (bottleneck ? 2 : 1) + 4, growth, bottleneck };
}

function inferVgg(reader: ShapeReader, imageSize: number): Record<string, unknown> {
  const found = [...reader.tensors.keys()].flatMap((name) => /^features\.(\d+)\.conv1\.weight$/.exec(name)?.[1] ?? []);
  const at = found.map(Number).sort((a, b) => a - b), last = at[at.length - 1];
  const width = (i: number) => reader.shape(`features.${i}.conv1.weight`, 4)[0];
  // Numbers that no convolution has are pools'; those behind the last one tell by the head's features.
  const before = Array.from({ length: last + 1 }, (_, i) => at.includes(i) ? width(i) : "M" as const);
  const [head, features] = reader.shape("classifier.0.weight", 2), side = Math.sqrt(features / width(last));
  const pools = Math.round(Math.log2(imageSize / side)) - before.filter((each) => each === "M").length;
  const behind = new Array<"M">(Math.max(0, pools)).fill("M");
  return { numClasses: classes(reader, "classifier.9"), layers: [...before, ...behind], head };
}

/** Whether a state dict with these names is one of a net here. */
export function isConvNet(names: { has(name: string): boolean }): boolean {
  return Object.values(TELLING).some((name) => names.has(name));
}

/**
 * Tells from names and shapes which net a state dict is of.
 *
 * @param file its name, for error messages
 * @param imageSize side of the images, which shapes do not tell
 * @throws {UserError} when it is of none, or a tensor that tells is missing
 */
export function inferNet(tensors: Shapes, file: string, imageSize: number): InferredNet {
  const name = Object.keys(TELLING).find((each) => tensors.has(TELLING[each]));
  if (name === undefined) {
    throw new UserError(
      `Cannot read ${file}: it holds none of ${Object.values(TELLING).join(", ")}, want a net's weights`,
    );
  }
  const reader = new ShapeReader(tensors, file, `a ${name}`);
  const infer = { wrn: inferWrn, resnet: inferResNet, densenet: inferDenseNet, vgg: inferVgg }[name]!;
  return { name, config: { imageSize, ...infer(reader, imageSize) } };
}
