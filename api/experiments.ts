/**
 * Experiments as they are declared: the tables of the papers, each a list of runs, and the cells that the runs fill.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export {
  byRow,
  type Control,
  type Experiment,
  type Fill,
  type Run,
  type Settings,
  type Source,
} from "../experiments/experiment.ts";
export { EXPERIMENTS, findExperiment } from "../experiments/mod.ts";
export { VIT } from "../experiments/recipes/vit.ts";
