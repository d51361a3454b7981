import type { Random } from "../../core/random/stream.ts";
import { CLUTTER_SIDE, type Scene } from "./scene.ts";
import type { Shape } from "./shapes.ts";
import type { Texture } from "./textures.ts";

/** Amplitude of the pixel noise: every pixel's brightness is off by up to this much. */
const NOISE = 6;

/** The clutter's brightness offsets on one pixel row, by linear interpolation between grid points. */
function clutterRow(clutter: Float32Array, y: number, size: number, row: Float32Array): void {
  const step = (CLUTTER_SIDE - 1) / size, top = Math.floor(y * step), down = y * step - top;
  for (let x = 0; x < size; x++) {
    const left = Math.floor(x * step), right = x * step - left, at = top * CLUTTER_SIDE + left;
    const upper = clutter[at] * (1 - right) + clutter[at + 1] * right;
    const lower = clutter[at + CLUTTER_SIDE] * (1 - right) + clutter[at + CLUTTER_SIDE + 1] * right;
    row[x] = upper * (1 - down) + lower * down;
  }
}

/**
 * Draws a scene: clutter behind, the textured shape with an antialiased outline, noise over all.
 *
 * @param random source of the noise
 * @param size side of the image in pixels
 * @returns RGB u8, HWC [size, size, 3]
 */
export function render(random: Random, scene: Scene, shape: Shape, texture: Texture, size: number): Uint8Array {
  const pixels = new Uint8ClampedArray(size * size * 3), row = new Float32Array(size);
  const { background, fill: [first, second], phase } = scene;
  const cx = scene.centre[0] * size, cy = scene.centre[1] * size, radius = scene.radius * size;
  const cos = Math.cos(scene.angle) / radius, sin = Math.sin(scene.angle) / radius;
  const frequency = 2 * Math.PI / (scene.period * size);
  const waveX = Math.cos(scene.textureAngle) * frequency, waveY = Math.sin(scene.textureAngle) * frequency;
  let noise = 0;
  for (let y = 0, at = 0; y < size; y++) {
    clutterRow(scene.clutter, y, size, row);
    for (let x = 0; x < size; x++, at += 3) {
      const dx = x + 0.5 - cx, dy = y + 0.5 - cy;
      const distance = radius * shape(cos * dx + sin * dy, cos * dy - sin * dx); // pixels
      const inside = distance > 0.5 ? 0 : distance < -0.5 ? 1 : 0.5 - distance;
      noise = (x & 3) === 0 ? random.uint32() : noise >>> 8;
      const grain = NOISE * ((noise & 255) / 127.5 - 1);
      const share = inside === 0 ? 0 : texture(waveX * dx + waveY * dy + phase[0], waveX * dy - waveY * dx + phase[1]);
      for (let c = 0; c < 3; c++) {
        const filled = first[c] + (second[c] - first[c]) * share, behind = background[c] + row[x];
        pixels[at + c] = behind + (filled - behind) * inside + grain;
      }
    }
  }
  return new Uint8Array(pixels.buffer);
}
