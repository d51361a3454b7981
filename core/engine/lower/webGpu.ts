import { UserError } from "../../errors.ts";
import type { TracedGraph } from "../trace/graph.ts";

/**
 * Whether ONNX Runtime's WebGPU provider (1.30) computes a convolution over so many channels wrong, without a word: multiples of 3
 * that are none of 4, but for 3 itself. Seen with 6, 9, 15, 18, 21, 27, 30 and 33 channels of 16 x 16 pixels.
 */
export function isWrongOnWebGpu(channels: number): boolean {
  return channels % 3 === 0 && channels % 4 !== 0 && channels > 3;
}

/**
 * Makes sure that a recording has no convolution that comes out wrong on WebGPU. Where filters' gradients are computed, images
 * are the channels.
 *
 * @throws {UserError} naming the number that has to change
 */
export function checkConvolutions({ nodes, values }: TracedGraph): void {
  for (const { kernel, inputs } of nodes) {
    if (kernel !== "ConvForward" && kernel !== "ConvFilterGrad") continue;
    const [images, channels] = values[inputs.x as number].shape;
    const [what, count] = kernel === "ConvForward" ? ["channels", channels] : ["images at a time", images];
    if (!isWrongOnWebGpu(count)) continue;
    throw new UserError(
      `Cannot use --device webgpu with a convolution of ${count} ${what}: its library computes it wrong; ` +
        "want a multiple of 4, or none of 3, or --device cpu",
    );
  }
}
