import protobuf from "protobufjs";
import type { Initializer, OnnxAttribute, OnnxGraph, OnnxType, OnnxValue } from "./model.ts";

/** The part of the ONNX schema that is written, with the field numbers of the ONNX specification (IR version 9). */
const SCHEMA = `
syntax = "proto3";
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message AttributeProto { string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated int64 ints = 8; int32 type = 20; }
message NodeProto {
  repeated string input = 1; repeated string output = 2; string op_type = 4; repeated AttributeProto attribute = 5;
  string domain = 7;
}
message Dimension { int64 dim_value = 1; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TypeProto { TensorTypeProto tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message GraphProto {
  repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto { int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
`;

const IR_VERSION = 9;
const OPSET = 20;
const ELEMENT_TYPE: Record<OnnxType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const ATTRIBUTE_TYPE = { float: 1, int: 2, text: 3, ints: 7 };

let modelType: protobuf.Type | undefined;

function attribute(name: string, value: OnnxAttribute) {
  if (typeof value === "number") return { name, i: value, type: ATTRIBUTE_TYPE.int };
  if (Array.isArray(value)) return { name, ints: value, type: ATTRIBUTE_TYPE.ints };
  if ("text" in value) return { name, s: new TextEncoder().encode(value.text), type: ATTRIBUTE_TYPE.text };
  return { name, f: value.float, type: ATTRIBUTE_TYPE.float };
}

function valueInfo({ name, dtype, shape }: OnnxValue) {
  const dim = shape.map((extent) => ({ dimValue: extent }));
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[dtype], shape: { dim } } } };
}

function tensor({ name, shape, dtype, data }: Initializer) {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: shape, dataType: ELEMENT_TYPE[dtype], rawData };
}

/**
 * Writes a graph as an ONNX model.
 *
 * @param graph the graph; its tensors are little-endian, as ONNX wants them
 * @returns the protobuf bytes that ONNX Runtime loads
 */
export function encodeModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  modelType ??= protobuf.parse(SCHEMA).root.lookupType("ModelProto");
  const node = graph.nodes.map(({ op, domain, inputs, outputs, attributes }) => ({
    opType: op,
    domain,
    input: inputs,
    output: outputs,
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  }));
  const message = modelType.create({
    irVersion: IR_VERSION,
    producerName: "vitfreeze",
    graph: {
      name: "step",
      node,
      initializer: graph.initializers.map(tensor),
      input: graph.inputs.map(valueInfo),
      output: graph.outputs.map(valueInfo),
    },
    opsetImport: [{ domain: "", version: OPSET }, { domain: "com.microsoft", version: 1 }, {
      domain: "com.microsoft.nchwc",
      version: 1,
    }],
  });
  return Uint8Array.from(modelType.encode(message).finish());
}
