import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { cardOf } from "../../cli/device.ts";
import { reason } from "../../cli/files.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import { EagerEngine } from "../../core/engine/eager.ts";
import type { Engine } from "../../core/engine/engine.ts";
import type { Card } from "../../core/engine/ort/card.ts";
import { UserError } from "../../core/errors.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import { bindingHint, threadsOf } from "../../distributed/threads.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { type Phase, phaseKey } from "../../records/phase.ts";
import { begunThreads } from "../../training/checkpoint/phaseKeeper.ts";
import { checkShares } from "../../training/checkPhases.ts";
import { type CodeHashes, hashesOf } from "../../training/identity.ts";
import { freeMemory, leastMemory } from "../../training/memory.ts";
import { openAll } from "../../training/openAll.ts";
import { openData } from "../../training/openData.ts";
import { phaseFolder } from "../../training/phaseFolder.ts";
import { RUNNERS } from "../../training/phases/mod.ts";
import { sameOnAll } from "../../training/sameOnAll.ts";
import type { Command } from "./flags.ts";
import { isKnown, knownImages } from "./knownImages.ts";

const machineCores = () => ({ all: cpus().length, available: availableParallelism() });

/** Tells of cores that no rank will use, unless the user has said how many threads there shall be. */
export function idleCores({ threads }: Command, { hosts, rank }: Ranks): string | undefined {
  return threads === undefined ? bindingHint(hosts, rank, machineCores()) : undefined;
}

/** Tells of more threads than the machine has cores. */
export function tooManyThreads(
  { threads }: Pick<Command, "threads">,
  { available } = machineCores(),
): string | undefined {
  if (threads === undefined || threads <= available) return undefined;
  return `--threads ${threads} on ${available} cores: more threads than cores make steps slower`;
}

/** The engine that the command line asks for. */
export async function createEngine(command: Command, ranks: Ranks): Promise<Engine> {
  const { engine, threads, backend, device } = command;
  if (engine === "eager") return await EagerEngine.create(backend);
  const card = cardOf(device);
  if (card) return new CompiledEngine(1, undefined, card);
  const usual = threadsOf(ranks.hosts, ranks.rank, machineCores());
  return new CompiledEngine(threads ?? (ranks.size === 1 ? await threadsOfAll(command) : undefined) ?? usual);
}

/** The threads that the wanted phases were begun with, where they agree: a phase is taken with no other number. */
async function threadsOfAll({ wanted, folders: { root, fresh } }: Command): Promise<number | undefined> {
  const begun = fresh ? [] : await Promise.all(wanted.map((phase) => begunThreads(phaseFolder(root, phase))));
  const found = new Set(begun.filter((threads) => threads !== undefined)), [threads] = found;
  return found.size === 1 ? threads : undefined;
}

/**
 * Makes sure that records can be written, before hours are spent on them.
 *
 * @param flag by which another folder is chosen
 * @throws {UserError} when the folder cannot be made or written to
 */
export async function checkWritable(folder: string, flag = "--out"): Promise<void> {
  const probe = join(folder, `.tmp-${Deno.pid}`);
  try {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(probe, "x", { createNew: true });
    await Deno.remove(probe);
  } catch (error) {
    await Deno.remove(probe).catch(() => {}); // a full disk lets a file be made, but not filled
    throw new UserError(`Cannot write results to ${folder}: ${reason(error)}; want a writable folder in ${flag}`);
  }
}

/**
 * Opens the images of every wanted phase, each choice of images once, and makes sure that whole batches can be drawn from them
 * and shared. Rank 0 opens them first: what it finds out may be kept in a cache, from which the others have it soon.
 *
 * @throws {UserError} when they cannot be opened, or hold too few images
 */
export async function openImages(
  { wanted, paths, skipBad, predict, accum, request: { profile } }: Command,
  ranks: Ranks,
): Promise<(phase: Phase) => ImageDataset> {
  if (ranks.rank > 0) await ranks.wait("the opening of the data");
  const datasetOf = await openAll(
    wanted,
    ({ data }, imageSize) =>
      predict && !paths.has(data.source) && isKnown(profile, data.source)
        ? knownImages(profile, data)
        : openData(data, imageSize, { paths, skipBad }),
    (phase, images) => predict || checkShares(phase, images, { ranks, accum }),
  );
  if (ranks.rank === 0) await ranks.wait("the opening of the data");
  await ranks.wait("the opening of the data by all");
  return datasetOf;
}

/**
 * Makes sure that no phase needs more memory than there is, before hours are spent; what is needed is known as a lower
 * bound alone, so a phase may still not fit.
 *
 * @param card what computes, if not the processor
 * @param free bytes that all ranks of this machine may take together
 * @throws {UserError} naming the first phase that cannot fit
 */
export function checkMemory(
  { wanted, accum }: Pick<Command, "wanted" | "accum">,
  datasetOf: (phase: Phase) => ImageDataset,
  ranks: Ranks,
  card?: Pick<Card, "device" | "memoryBytes">,
  free = freeMemory(),
): void {
  const beside = Math.max(1, ranks.hosts.filter((host) => host === ranks.hosts[ranks.rank]).length);
  for (const phase of wanted) {
    const least = leastMemory(phase, datasetOf(phase).classes.length, { ranks, accum }, card !== undefined);
    const places = [
      { bytes: beside * least.host, free, where: "of memory" },
      { bytes: beside * least.card, free: card?.memoryBytes() ?? Infinity, where: `of memory on ${card?.device}` },
    ];
    for (const { bytes, free, where } of places) {
      if (bytes <= free) continue;
      const gigabytes = (n: number) => `${(n / 1e9).toPrecision(3)} GB`;
      throw new UserError(
        `Cannot run ${RUNNERS[phase.kind].name}: it needs ${gigabytes(bytes)} ${where} at least, found ${
          gigabytes(free)
        } free; want --accum or a smaller ${phase.kind}.batch or model`,
      );
    }
  }
}

/**
 * Makes sure that all ranks are about to do the same.
 *
 * @throws {UserError} on the ranks that are not
 */
export async function checkSame(
  ranks: Ranks,
  { wanted, accum }: Command,
  datasetOf: (phase: Phase) => ImageDataset,
  engine: Engine,
  hashes: CodeHashes,
): Promise<void> {
  if (ranks.size === 1) return;
  const { name, backend, version } = engine.info;
  const facts = {
    "the command": canonicalJson({ phases: wanted.map(phaseKey), accum: accum ?? "as configured" }),
    "the code's SHA-256": [...new Set(wanted.map((phase) => canonicalJson(hashesOf(phase, hashes))))].join(" "),
    "the engine": `${name} (${backend} ${version})`,
    "the data's SHA-256": [...new Set(wanted.map((phase) => datasetOf(phase).sha256))].join(" "),
  };
  for (const [what, fact] of Object.entries(facts)) await sameOnAll(ranks, what, fact);
}
