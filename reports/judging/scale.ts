import type { Block } from "./blocks.ts";
import { fixed, grouped } from "../format.ts";
import { disagreements } from "./observations.ts";
import type { RunResult } from "../../records/schema.ts";
import { ranksShape } from "../../records/ranksShape.ts";

/**
 * What the runs of a block have in common, in words: model, data, lengths, engine, machine.
 *
 * @param all every block of the report; settings are named in which blocks of the same profile differ
 */
export function scaleFacts(block: Block, all: Block[]): string[] {
  const run = block.runs[0].result;
  const again = disagreements(block);
  const own = distinctions(block, all);
  return [
    `Model: ${named(run.config.model)}${fixed(run.pretrain.params / 1e6, 2)} M parameters in pre-training, ` +
    `${fixed(run.finetune.params / 1e6, 2)} M in fine-tuning`,
    `Data: ${named(run.config.dataset ?? run.config.data)}data ${run.hashes.data.slice(0, 8)}`,
    `Pre-training: ${epochs(run.pretrain.epochs.length)}, ${imagesPerEpoch(run)} images each`,
    `Fine-tuning: ${epochs(run.finetune.epochs.length)}; evaluated on ${grouped(run.evaluation.images)} images ` +
    `(${run.evaluation.split})`,
    `Engine: ${run.engine.name} on ${run.engine.backend} ${run.engine.version}, threads: ${run.engine.threads}`,
    `Machine: ${run.machine.cpu}, cores: ${run.machine.cores}, ${run.machine.os} ${run.machine.arch}, ` +
    `${run.machine.runtime}; code ${run.hashes.code.slice(0, 8)}, packages ${run.hashes.lock.slice(0, 8)}`,
    ...processes(run),
    ...own.length === 0 ? [] : [`Unlike other scales of this profile: ${own.join(", ")}`],
    ...again.map((name) => `Warning: runs of ${name} with equal settings did not compute equal numbers`),
  ];
}

function imagesPerEpoch(run: RunResult): string {
  return grouped(run.pretrain.epochs[0].iterations * run.pretrain.imagesPerIteration);
}

/** Which processes shared a run, if they were several. */
function processes(run: RunResult): string[] {
  const spans = ranksShape(run)?.map(({ library, perHost, accum }) => {
    const count = perHost.reduce((sum, each) => sum + each, 0), machines = perHost.length;
    const which = count === 1
      ? "one"
      : `${count} on ${machines === 1 ? "one machine" : `${machines} machines`}, ${library}`;
    return accum === undefined ? which : `${which}, ${accum} passes a step each`;
  });
  return spans ? [`Processes: ${spans.join("; then ")}`] : [];
}

function epochs(count: number): string {
  return count === 1 ? "1 epoch" : `${count} epochs`;
}

/** The name that a part of the configuration carries, as text or as its member `name`, with a comma behind it. */
function named(part: unknown): string {
  const name = typeof part === "object" && part !== null && "name" in part ? part.name : part;
  return typeof name === "string" ? `${name}, ` : "";
}

/** The settings, as "name value", in which a block differs from another one of its profile. */
function distinctions(block: Block, all: Block[]): string[] {
  const own = flat(block.settings);
  const others = all.filter((other) => other !== block && other.profile === block.profile).map(({ settings }) =>
    flat(settings)
  );
  const names = [...new Set([own, ...others].flatMap((settings) => [...settings.keys()]))].sort();
  return names.filter((name) => others.some((other) => other.get(name) !== own.get(name)))
    .map((name) => `${name} ${shortened(own.get(name) ?? "absent")}`);
}

function shortened(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, 8) : text;
}

/** The leaves of a JSON value as text, by dotted path. */
function flat(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null) return new Map([[path, String(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, member]) => [...flat(member, path === "" ? key : `${path}.${key}`)]),
  );
}
