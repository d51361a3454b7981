/** A graphics card as its driver describes it. */
export interface Adapter {
  /** E.g. "NVIDIA H200, driver 580.65.6". */
  name: string;
  /** Bytes of its own memory. */
  memory: number;
}

const P = "pointer",
  B = "buffer",
  SYMBOLS = {
    vkCreateInstance: { parameters: [B, P, B], result: "i32" },
    vkDestroyInstance: { parameters: [P, P], result: "void" },
    vkEnumeratePhysicalDevices: { parameters: [P, B, B], result: "i32" },
    vkGetPhysicalDeviceProperties: { parameters: [P, B], result: "void" },
    vkGetPhysicalDeviceMemoryProperties: { parameters: [P, B], result: "void" },
  } as const satisfies Deno.ForeignLibraryInterface;

/** The kinds of a device by Vulkan's number, the one first that a library takes that wants speed. */
const PREFERENCE = [2, 1, 3, 4, 0];
const NVIDIA = 0x10de;

/**
 * The card that WebGPU takes, by the Vulkan loader: ONNX Runtime does not say which one it took, but takes a card of its own before
 * one that shares the processor's memory, and that before a software driver. Nothing where there is no loader, no driver, or
 * another system than Linux.
 *
 * @returns the card; where several are of the kind that is preferred, their names together, and the smallest memory
 */
export function vulkanAdapter(): Adapter | undefined {
  return (known ??= { adapter: findAdapter() }).adapter;
}

let known: { adapter?: Adapter } | undefined;

function findAdapter(): Adapter | undefined {
  if (Deno.build.os !== "linux") return undefined;
  let library: Deno.DynamicLibrary<typeof SYMBOLS>;
  try {
    library = Deno.dlopen("libvulkan.so.1", SYMBOLS);
  } catch {
    return undefined;
  }
  try {
    const found = adapters(library.symbols);
    const kind = PREFERENCE.find((wanted) => found.some((adapter) => adapter.kind === wanted));
    const best = found.filter((adapter) => adapter.kind === kind), names = [...new Set(best.map(({ name }) => name))];
    if (best.length === 0) return undefined;
    return {
      name: names.length === 1 ? names[0] : `one of ${names.join("; ")}`,
      memory: Math.min(...best.map(({ memory }) => memory)),
    };
  } finally {
    library.close();
  }
}

type Vulkan = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

function adapters(vk: Vulkan): (Adapter & { kind: number })[] {
  // VkInstanceCreateInfo: its type is 1, all else is absent.
  const info = new DataView(new ArrayBuffer(64)), out = new BigUint64Array(1);
  info.setUint32(0, 1, true);
  if (vk.vkCreateInstance(new Uint8Array(info.buffer), null, out) !== 0) return [];
  const instance = Deno.UnsafePointer.create(out[0]), count = new Uint32Array(1);
  try {
    vk.vkEnumeratePhysicalDevices(instance, count, null);
    const devices = new BigUint64Array(count[0]);
    if (vk.vkEnumeratePhysicalDevices(instance, count, devices) !== 0) return [];
    return Array.from(devices, (each) => described(vk, Deno.UnsafePointer.create(each)));
  } finally {
    vk.vkDestroyInstance(instance, null);
  }
}

/** VkPhysicalDeviceProperties and the heaps of VkPhysicalDeviceMemoryProperties. */
function described(vk: Vulkan, device: Deno.PointerValue): Adapter & { kind: number } {
  const properties = new DataView(new ArrayBuffer(1024)), heaps = new DataView(new ArrayBuffer(1024));
  vk.vkGetPhysicalDeviceProperties(device, new Uint8Array(properties.buffer));
  vk.vkGetPhysicalDeviceMemoryProperties(device, new Uint8Array(heaps.buffer));
  const [driver, vendor, , kind] = [4, 8, 12, 16].map((at) => properties.getUint32(at, true));
  const letters = new Uint8Array(properties.buffer, 20, 256),
    name = new TextDecoder().decode(letters.subarray(0, letters.indexOf(0)));
  const COUNT = 260, FIRST = 264, EACH = 16, OWN = 1;
  const all = Array.from({ length: heaps.getUint32(COUNT, true) }, (_, k) => FIRST + k * EACH);
  const own = all.filter((at) => heaps.getUint32(at + 8, true) & OWN).map((at) => Number(heaps.getBigUint64(at, true)));
  return { name: `${name}, driver ${version(driver, vendor)}`, memory: Math.max(0, ...own), kind };
}

/** A driver's version, which its maker packs in its own way. */
function version(packed: number, vendor: number): string {
  const parts = vendor === NVIDIA
    ? [packed >>> 22, packed >>> 14 & 255, packed >>> 6 & 255]
    : [packed >>> 22, packed >>> 12 & 1023, packed & 4095];
  return parts.join(".");
}
