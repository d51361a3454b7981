import { EXPERIMENTS } from "../../experiments/mod.ts";

/** All experiments: what each asks, at which scales, in how many minutes on two cores. */
export function experimentList(): string {
  const entries = EXPERIMENTS.map(({ id, question, minutes, recipe }) => {
    const scales = Object.keys(recipe.profiles).map((profile) => {
      const time = minutes[profile];
      return time === undefined ? profile : `${profile} ${time} min`;
    });
    return `${id}\n  ${question}\n  ${scales.join(", ")}`;
  });
  return [
    "Experiments, with their scales and the minutes that they take on two cores:",
    "",
    ...entries,
    "",
    "deno task repro EXPERIMENT [--profile NAME] runs one; --help lists the flags.",
  ].join("\n");
}
