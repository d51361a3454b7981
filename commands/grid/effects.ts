import type { Experiment } from "../../experiments/experiment.ts";
import { hasEffect, runsKey, runsOf, type SeedRun } from "../../experiments/plan.ts";
import { resolveSettings } from "../../experiments/settings.ts";
import type { GridRequest } from "./request.ts";

/** One value of each key. */
export type Combination = [key: string, value: string][];

/** A combination, and what of it has an effect in the wanted rows. */
export interface Effective {
  all: Combination;
  /** Without the values that change no wanted phase: the experiment's own command refuses these. */
  words: string[];
  /** Keys whose value here changes a wanted phase. */
  keys: string[];
  /** Keys whose value here is the profile's. */
  usual: string[];
}

/** Every value of every list with every other, the first list slowest. */
export function combinations(sets: GridRequest["sets"]): Combination[] {
  return sets.reduce<Combination[]>(
    (all, [key, values]) => all.flatMap((each) => values.map((value): Combination => [...each, [key, value]])),
    [[]],
  );
}

/** What combinations of settings change in the wanted rows of an experiment. */
export class Effects {
  readonly #known = new Map<string, string>();

  constructor(readonly experiment: Experiment, readonly request: Pick<GridRequest, "profile" | "rows" | "probes">) {}

  /** The runs of a combination, for so many seeds. */
  runs(words: readonly string[], seeds: number): SeedRun[] {
    const settings = resolveSettings(this.experiment, this.request.profile, words);
    return runsOf(this.experiment, settings, { ...this.request, seeds: Array.from({ length: seeds }, (_, i) => i) });
  }

  /**
   * What of a combination has an effect, by the rule of `planOf`.
   *
   * @throws {UserError} on what the experiment's own command would refuse for itself: an unknown key, a bad value
   */
  of(all: Combination): Effective {
    const { experiment, request: { profile } } = this, keys: string[] = [], usual: string[] = [];
    resolveSettings(experiment, profile, all.map(text));
    let left = all;
    for (const [key] of all) {
      const others = left.filter(([other]) => other !== key);
      if (this.#settings(others) === this.#settings(left)) usual.push(key);
      else if (hasEffect(left, others, (each) => this.#runsKey(each))) keys.push(key);
      else left = others;
    }
    return left.length < all.length ? { ...this.of(left), all } : { all, words: left.map(text), keys, usual };
  }

  #settings(words: Combination): string {
    return JSON.stringify(this.#resolve(words));
  }

  #resolve(words: Combination) {
    return resolveSettings(this.experiment, this.request.profile, words.map(text), { unchecked: true });
  }

  #runsKey(words: Combination): string {
    const settings = this.#resolve(words), name = JSON.stringify(settings);
    let key = this.#known.get(name);
    if (key === undefined) this.#known.set(name, key = runsKey(this.experiment, settings, this.request));
    return key;
  }
}

/** A setting as "key=value". */
export function text([key, value]: Combination[number]): string {
  return `${key}=${value}`;
}
