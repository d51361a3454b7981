import type { Device } from "./device.ts";

/** Machines by the name that commands give them. */
export const DEVICES = {
  /**
   * Six constants from one step of ViT-B at batch 8 with nothing frozen: its time, shared out as ONNX Runtime's profile
   * shares it among kinds of operators, and HOG's and AdamW's own. No step with frozen layers was looked at.
   */
  cpu: {
    name: "2-core AVX-512 CPU, compiled engine",
    source: "profile of one unfrozen step of ViT-B/16 at batch 8",
    gflops: { linear: 289, weightGradient: 233, attention: 158 },
    gigabytesPerSecond: { hog: 2.8, elementwise: 11.5, optimiser: 40 },
    fixedSeconds: 0,
  },
  /**
   * Two constants, one rate and one bandwidth, fitted by least squares of relative deviations to the seconds per epoch
   * with 0 to 12 frozen layers in the author's log of ViTFreeze on one GPU (cubic, t0 0.8, scaled). A fixed time per
   * pass as a third constant did not fit better by more than the log's own spread, so it is 0.
   */
  v100: {
    name: "V100, fp16 autocast, released code",
    source: "fit to the author's log of ViTFreeze on one GPU, cubic, t0 0.8",
    gflops: { linear: 61400, weightGradient: 61400, attention: 61400 },
    gigabytesPerSecond: { hog: 489, elementwise: 489, optimiser: 489 },
    fixedSeconds: 0,
  },
} as const satisfies Record<string, Device>;
export type DeviceKey = keyof typeof DEVICES;
