import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as nodeUtil from "node:util";
import { UserError } from "../errors.ts";

/** npm packages that bring a tfjs backend which is not the one imported above; none is installed unless asked for. */
const PACKAGES: Record<string, string> = {
  tensorflow: "@tensorflow/tfjs-node",
  "tensorflow-gpu": "@tensorflow/tfjs-node-gpu",
  webgpu: "@tensorflow/tfjs-backend-webgpu",
};

/** Version of the packages above that fits the tfjs in use. */
const VERSION = tf.version_core;

/**
 * Makes a tfjs backend ready: loads its package if it needs one, and starts it.
 *
 * @param name "cpu", "webgpu", "tensorflow" (libtensorflow on the CPU) or "tensorflow-gpu" (CUDA)
 * @returns the name under which tfjs knows it
 * @throws {UserError} when there is no such backend, its package is not installed, or it does not start here
 */
export async function loadBackend(name: string): Promise<string> {
  // tfjs greets on the console at its first tensor under Node-like hosts; a program's output is its own.
  tf.env().set("IS_NODE", false);
  const registered = name === "tensorflow-gpu" ? "tensorflow" : name, known = ["cpu", ...Object.keys(PACKAGES)];
  if (!known.includes(name)) throw new UserError(`Cannot use eager backend '${name}': want one of ${known.join(", ")}`);
  if (!tf.engine().registryFactory[registered]) await importPackage(name);
  const started = await tf.setBackend(registered).catch(() => false);
  if (!started) throw new UserError(`Cannot use eager backend '${name}': it does not start on this machine`);
  return registered;
}

async function importPackage(name: string): Promise<void> {
  const specifier = PACKAGES[name];
  // tfjs-node calls a function that newer hosts no longer have.
  const util = nodeUtil as unknown as { default: Record<string, unknown> };
  util.default.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  try {
    await import(specifier);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      const right = error.message.split(",")[0].replace("Requires", "requires");
      throw new UserError(
        `Cannot use eager backend '${name}': its package ${right}, which the task does not give; ` +
          "want the script started by deno run -A",
      );
    }
    throw new UserError(
      `Cannot use eager backend '${name}': its package does not load; want it installed by ` +
        `deno add npm:${specifier}@${VERSION}`,
    );
  }
}
