import { encodeModel } from "../onnx/encode.ts";
import type { OnnxGraph } from "../onnx/model.ts";
import { OrtSession, OrtTensor } from "./session.ts";

/** Channels and pixels of a tensor in which every block size shows. */
const CHANNELS = 32, PIXELS = 2;

let found: number | undefined;

/**
 * How many channels lie together in ONNX Runtime's blocked tensors on this processor: 16 with AVX-512, 8 with AVX2; 0 where
 * it has no operators on such tensors. It is read off the memory of one tensor that was brought into blocks.
 */
export async function blockSize(): Promise<number> {
  return found ??= await measure();
}

async function measure(): Promise<number> {
  const shape = [1, CHANNELS, 1, PIXELS];
  const graph: OnnxGraph = {
    nodes: [{ op: "ReorderInput", domain: "com.microsoft.nchwc", inputs: ["x"], outputs: ["y"], attributes: {} }],
    initializers: [],
    inputs: [{ name: "x", dtype: "float32", shape }],
    outputs: [{ name: "y", dtype: "float32", shape }],
  };
  let session: OrtSession;
  try {
    session = new OrtSession(encodeModel(graph), { threads: 1 });
  } catch {
    return 0; // the operator is there only where there are blocks
  }
  const x = new OrtTensor(Float32Array.from({ length: CHANNELS * PIXELS }, (_, place) => place), shape);
  const y = new OrtTensor(new Float32Array(CHANNELS * PIXELS), shape);
  await session.bind(new Map([["x", x]]), new Map([["y", y]]))();
  const block = y.data.indexOf(1); // behind a block's first pixels lies its second one
  [x, y, session].forEach((held) => held.dispose());
  return block === 8 || block === 16 ? block : 0;
}
