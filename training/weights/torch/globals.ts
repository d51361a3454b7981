import { PickleError } from "../../../core/pickle/errors.ts";
import { globalsOf } from "../../../core/pickle/host.ts";
import { Opaque, PickleDict, PickleGlobal, PickleTuple, type PickleValue } from "../../../core/pickle/values.ts";
import { DTYPES, storageNames } from "./dtypes.ts";
import { itemsOf, rebuildParameter, rebuildTensor, rebuildTyped } from "./rebuild.ts";

/** Classes and functions whose objects stand beside the weights, in options or an optimiser; no more than the name is kept. */
const OPAQUE = [
  "argparse.Namespace",
  "types.SimpleNamespace",
  "collections.defaultdict",
  "builtins.set",
  "builtins.frozenset",
  "builtins.bytearray",
  "__builtin__.set",
  "__builtin__.frozenset",
  "__builtin__.bytearray",
  "_codecs.encode",
  "numpy.dtype",
  "numpy.ndarray",
  ...["numpy.core.multiarray", "numpy._core.multiarray"].flatMap((module) => [
    `${module}.scalar`,
    `${module}._reconstruct`,
  ]),
  ...["pathlib", "pathlib._local"].flatMap((module) =>
    ["Path", "PosixPath", "PurePosixPath", "WindowsPath", "PureWindowsPath"].map((name) => `${module}.${name}`)
  ),
  "torch.device",
];

/** What a checkpoint may name; nothing of it runs code of the file. */
export const GLOBALS = globalsOf([
  ...OPAQUE.map((name) => new PickleGlobal(name, () => new Opaque(name))),
  ...Object.keys(DTYPES).map((name) => new PickleGlobal(`torch.${name}`)),
  ...storageNames().map((name) => new PickleGlobal(name)),
  new PickleGlobal("collections.OrderedDict", orderedDict),
  new PickleGlobal("torch.Size", ([sizes]) => new PickleTuple(itemsOf(sizes, "a size"))),
  new PickleGlobal("torch._utils._rebuild_tensor_v2", rebuildTensor),
  new PickleGlobal("torch._utils._rebuild_tensor_v3", rebuildTyped),
  new PickleGlobal("torch._utils._rebuild_parameter", rebuildParameter),
]);

/** An ordered dict; its items come later, or as a list of pairs. */
function orderedDict([pairs]: readonly PickleValue[]): PickleValue {
  const dict = new PickleDict();
  for (const pair of pairs === undefined ? [] : itemsOf(pairs, "the items of a dict")) {
    const [key, value] = itemsOf(pair, "an item of a dict");
    if (value === undefined) throw new PickleError("an item of a dict is no pair");
    dict.entries.set(key, value);
  }
  return dict;
}
