import { forbid } from "../../cli/args.ts";
import { UserError } from "../../core/errors.ts";
import { methodOf } from "../../core/methods/mod.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import type { Phase } from "../../records/phase.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { readTeacher } from "../../training/teacher/readTeacher.ts";
import { checkTeacher, type Teacher } from "../../training/teacher/teacher.ts";
import { checkTokens } from "../../training/tokens/openTokens.ts";
import { readTokens, type TokenFile } from "../../training/tokens/tokenFile.ts";

/** Files of targets that a command line names. */
export interface Given {
  /** Whose features are targets. */
  teacher?: Teacher;
  /** Words that are targets. */
  tokens?: TokenFile;
}

/** Flags that say what is given. */
export const GIVEN_FLAGS = {
  teacher: {
    type: "string",
    value: "PATH",
    path: true,
    help: "weights of a ViT or of CLIP whose features are targets, where the experiment has a row for them",
  },
  "teacher-loss": { type: "string", value: "NAME", help: "with --teacher: squared (default) or cosine" },
  tokens: {
    type: "string",
    value: "PATH",
    path: true,
    help: "words of the images' patches, which BEiT's rows then learn",
  },
} as const;

type Values = Record<string, unknown>;

/**
 * Reads the files that a command line names.
 *
 * @throws {UserError} when one cannot be read
 */
export async function readGiven({ teacher, tokens }: Values): Promise<Given> {
  if (teacher === "") throw new UserError("Cannot use --teacher '': want a file of weights");
  if (tokens === "") throw new UserError("Cannot use --tokens '': want a file of words");
  return {
    ...(teacher !== undefined && { teacher: await readTeacher(teacher as string) }),
    ...(tokens !== undefined && { tokens: await readTokens(tokens as string) }),
  };
}

/**
 * The `--set` words that say to settings what there is.
 *
 * @throws {UserError} on a loss that is none
 */
export function givenSettings({ teacher, tokens }: Given, values: Values): string[] {
  const loss = values["teacher-loss"] ?? "squared", set: string[] = [];
  if (loss !== "squared" && loss !== "cosine") {
    throw new UserError(`Cannot use --teacher-loss ${loss}: want squared or cosine`);
  }
  forbid(!teacher && values["teacher-loss"] !== undefined, "--teacher-loss", "a command without --teacher");
  if (teacher) {
    const { sha256: weights, model: { embedDim: dim } } = teacher;
    set.push(`teacher=${JSON.stringify({ weights, dim, loss })}`);
  }
  if (tokens) set.push(`beit.model.tokenizer=${JSON.stringify({ sha256: tokens.sha256 })}`);
  return set;
}

/**
 * Makes sure that an experiment has a use for what is given.
 *
 * @throws {UserError} where it has none
 */
export function forbidIdleGiven({ teacher, tokens }: Given, { id, recipe }: Experiment, values: Values): void {
  const profiles = Object.values(recipe.profiles),
    has = (key: string) => profiles.some((each) => Object.hasOwn(each, key));
  forbid(!!teacher && !has("teacher"), "--teacher", `${id}, which has no row that learns a teacher's features`);
  forbid(
    !!teacher && values.rows === undefined,
    "--teacher",
    "the printed rows; want --rows with such a row, e.g. teacher",
  );
  forbid(!!tokens && !has("beit"), "--tokens", `${id}, which has no row of BEiT`);
  for (const flag of ["times", "predict"]) {
    forbid(!!teacher && values[flag] === true, "--teacher", `--${flag}, which computes no features`);
    forbid(!!tokens && values[flag] === true, "--tokens", `--${flag}, which reads no words`);
  }
}

/**
 * Makes sure that what pre-trainings want is given, and fits.
 *
 * @throws {UserError} when it is not
 */
export function checkGiven(pretrainings: readonly Phase[], { teacher, tokens }: Given): void {
  for (const { config } of pretrainings) {
    const { method, config: model } = methodOf(config.method as PretrainConfig["method"]);
    const features = method.teacher?.(model), wanted = method.tokens?.(model), { vit } = method.encoder(model);
    if (features) {
      if (!teacher) {
        const file = `--teacher PATH, SHA-256 ${features.weights}`;
        throw new UserError(`Cannot learn a teacher's features without it: want ${file}`);
      }
      checkTeacher(teacher, vit, features);
    }
    if (wanted) {
      if (!tokens) throw new UserError(`Cannot learn words without them: want --tokens PATH, SHA-256 ${wanted.sha256}`);
      checkTokens(tokens, vit, wanted);
    }
  }
}
