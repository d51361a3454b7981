import type { Init, ModelParameter } from "../parameters.ts";

/** A convolution without bias; it keeps the side of the image but for its stride. */
export interface Conv {
  kind: "conv";
  /** Of the module in the official state dict. */
  name: string;
  /** Channels of input and output. */
  from: number;
  to: number;
  /** Side of the kernel, odd. */
  kernel: number;
  stride: number;
  /** Side of the input, pixels. */
  side: number;
  /** Whether nothing that is trained lies between its layer's input and it: where nothing below lives, its input needs no gradient. */
  entry?: true;
}

/** A batch norm. */
export interface Norm {
  kind: "norm";
  /** Of the module in the official state dict. */
  name: string;
  channels: number;
}

/** A linear map with bias. */
export interface Linear {
  kind: "linear";
  /** Of the module in the official state dict. */
  name: string;
  /** Features of input and output. */
  from: number;
  to: number;
  /** How the weight starts; the bias starts at 0. */
  init: Init;
  /** As of a convolution. */
  entry?: true;
}

/** A module with parameters. */
export type Part = Conv | Norm | Linear;

/** A convolution of stride 1 unless given. */
export function conv(
  name: string,
  { stride = 1, ...size }: Omit<Conv, "kind" | "name" | "stride"> & { stride?: number },
): Conv {
  return { kind: "conv", name, stride, ...size };
}

/** A batch norm. */
export function norm(name: string, channels: number): Norm {
  return { kind: "norm", name, channels };
}

/** A linear map; its weight starts uniform within 1 / sqrt(from) unless given (FreezeOut's WRN and DenseNet). */
export function linear(
  name: string,
  { from, to, init = { kind: "uniform", bound: 1 / Math.sqrt(from) }, entry }:
    & Pick<Linear, "from" | "to" | "entry">
    & { init?: Init },
): Linear {
  return { kind: "linear", name, from, to, init, ...(entry && { entry }) };
}

/**
 * The parameters of a part as FreezeOut starts them: convolutions normal with deviation sqrt(2 / (k k C_out)), gains 1,
 * biases 0.
 */
export function partParameters(part: Part): ModelParameter[] {
  const weight = `${part.name}.weight`, zero: Init = { kind: "constant", value: 0 };
  switch (part.kind) {
    case "conv": {
      const { from, to, kernel } = part, std = Math.sqrt(2 / (kernel * kernel * to));
      return [{ name: weight, shape: [to, from, kernel, kernel], init: { kind: "normal", std } }];
    }
    case "norm":
      return [
        { name: weight, shape: [part.channels], init: { kind: "constant", value: 1 } },
        { name: `${part.name}.bias`, shape: [part.channels], init: zero },
      ];
    case "linear":
      return [
        { name: weight, shape: [part.to, part.from], init: part.init },
        { name: `${part.name}.bias`, shape: [part.to], init: zero },
      ];
  }
}
