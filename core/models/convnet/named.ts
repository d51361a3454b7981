import { type ChosenNet, convNetOf } from "./mod.ts";
import { RESNET_PRESETS } from "./resnet.ts";
import { VGG_E } from "./vgg.ts";

/** Sides and classes of CIFAR-100's images, at which the nets of FreezeOut's code are built. */
const CIFAR = { imageSize: 32, numClasses: 100 };

/** How nets are named, for messages. */
export const NET_NAMES = `wrn-DEPTH-WIDEN, densenet-bc-DEPTH-GROWTH, ${Object.keys(RESNET_PRESETS).join(", ")}, vgg16`;

/**
 * The net of a name, on CIFAR's 32 pixels.
 *
 * @param name e.g. "wrn-40-4", "densenet-bc-40-12", "resnet18"
 * @returns undefined for a name of no net
 * @throws {UserError} for a depth or width that the net cannot have
 */
export function netNamed(name: string): ChosenNet | undefined {
  const wrn = /^wrn-(\d+)-(\d+(?:\.\d+)?)$/.exec(name);
  if (wrn) return convNetOf({ name: "wrn", ...CIFAR, depth: Number(wrn[1]), widen: Number(wrn[2]) });
  const dense = /^densenet-(bc-)?(\d+)-(\d+)$/.exec(name);
  if (dense) {
    const [, bottleneck, depth, growth] = dense;
    return convNetOf({
      name: "densenet",
      ...CIFAR,
      depth: Number(depth),
      growth: Number(growth),
      bottleneck: bottleneck !== undefined,
    });
  }
  if (name === "vgg16") return convNetOf({ name: "vgg", ...CIFAR, ...VGG_E });
  if (!Object.hasOwn(RESNET_PRESETS, name)) return undefined;
  return convNetOf({ name: "resnet", ...CIFAR, ...RESNET_PRESETS[name as keyof typeof RESNET_PRESETS] });
}
