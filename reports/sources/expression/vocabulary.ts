import { collections } from "./functions.ts";
import { grid } from "./grid.ts";
import { methodFunctions } from "./methodFunctions.ts";
import { eachOf, type Shape } from "./shape.ts";

/** A function that an expression may call. */
export interface KnownFunction {
  /** The shape of what it gives, from the shapes of its first argument and of what a function given to it answers. */
  gives: (first: Shape, answer: Shape) => Shape;
  /** Whether it may be given a function. */
  takesFunction: boolean;
}

const value: KnownFunction = { gives: () => "value", takesFunction: false };
const values: KnownFunction = { gives: () => ({ each: "value" }), takesFunction: false };
const judging: KnownFunction = { gives: () => "value", takesFunction: true };

function listOf(each: Shape): Shape {
  return { each };
}

function membersOf(first: Shape): Shape {
  return eachOf(first) ?? "value";
}

function neighbours(first: Shape): Shape {
  const each = membersOf(first);
  return listOf({ noun: "neighbour", of: "a pair", members: new Map([["a", each], ["b", each]]) });
}

/** The functions that expressions may call, by name: strict ones, the method's, and some of JSONata's own. */
export const vocabulary: ReadonlyMap<string, KnownFunction> = new Map(Object.entries({
  all: judging,
  tally: judging,
  mean: judging,
  list: { gives: (_, answer) => listOf(answer), takesFunction: true },
  where: { gives: (first) => listOf(membersOf(first)), takesFunction: true },
  sortedBy: { gives: (first) => listOf(membersOf(first)), takesFunction: true },
  pairs: { gives: neighbours, takesFunction: false },
  at: { gives: membersOf, takesFunction: false },
  grid: { gives: membersOf, takesFunction: false },
  tCubic: values,
  tLinear: values,
  srlr: value,
  lrAreas: values,
  vitLayers: value,
  vitParameters: value,
  abs: value,
  count: value,
  distinct: values,
  max: value,
  min: value,
  not: value,
  number: value,
  round: value,
  split: values,
  substring: value,
  type: value,
}));

/** The functions that are not JSONata's own, by name. */
export const ownFunctions = { ...collections, ...methodFunctions, grid };
