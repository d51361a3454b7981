import { UserError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { Experiment, Settings } from "./experiment.ts";
import { table1 as dmjdTable1 } from "./dmjd/table1.ts";
import { table2 as dmjdTable2 } from "./dmjd/table2.ts";
import { table3 as dmjdTable3 } from "./dmjd/table3.ts";
import { table4 as dmjdTable4 } from "./dmjd/table4.ts";
import { table5 as dmjdTable5 } from "./dmjd/table5.ts";
import { table6 as dmjdTable6 } from "./dmjd/table6.ts";
import { table05 } from "./thesis/table05.ts";
import { table06 } from "./thesis/table06.ts";
import { table07 } from "./thesis/table07.ts";
import { table08 } from "./thesis/table08.ts";
import { table09 } from "./thesis/table09.ts";
import { table10 } from "./thesis/table10.ts";
import { table11 } from "./thesis/table11.ts";
import { table13 } from "./thesis/table13.ts";
import { table14 } from "./thesis/table14.ts";
import { table17 } from "./thesis/table17.ts";
import { table20 } from "./thesis/table20.ts";
import { table2 } from "./vitfreeze/table2.ts";

/** All experiments, in the order in which they are listed. */
export const EXPERIMENTS: readonly Experiment[] = checked([
  table17,
  table11,
  table13,
  table14,
  table20,
  table2,
  table05,
  table06,
  table07,
  table08,
  table09,
  table10,
  dmjdTable1,
  dmjdTable2,
  dmjdTable3,
  dmjdTable4,
  dmjdTable5,
  dmjdTable6,
]);

/** @throws {RangeError} when two experiments have one id */
export function checked(experiments: readonly Experiment[]): readonly Experiment[] {
  const ids = experiments.map(({ id }) => id), twice = ids.find((id, k) => ids.indexOf(id) < k);
  if (twice !== undefined) throw new RangeError(`Cannot list two experiments named ${twice}: want an id for each`);
  return experiments;
}

/**
 * The experiment of that id; the paper's name may be left out where one table alone has the number.
 *
 * @throws {UserError} when there is none
 */
export function findExperiment(name: string): Experiment<Settings> {
  const found = EXPERIMENTS.filter(({ id }) => id === name || id.split(".")[1] === name);
  if (found.length === 1) return found[0];
  const ids = (found.length > 1 ? found : EXPERIMENTS).map(({ id }) => id);
  if (found.length > 1) throw new UserError(`Cannot tell which experiment is '${name}': want ${ids.join(" or ")}`);
  const near = nearest(name, [...ids, ...ids.map((id) => id.split(".")[1])]);
  throw new UserError(`Cannot run experiment '${name}': want one of ${ids.join(", ")}${near}`);
}
