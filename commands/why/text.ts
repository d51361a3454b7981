import { align, percent } from "../../cli/align.ts";
import { wrapped } from "../../cli/columns.ts";
import type { Course } from "./course.ts";
import type { Measured } from "./measured.ts";
import { reasonsOf } from "./reasons.ts";

/** A run whose course is told. */
export interface Told {
  /** E.g. "ViTFreeze of thesis.table17, profile ci". */
  name: string;
  course: Course;
  measured?: Measured;
}

/** Reasons below each other, in lines of at most so many characters. */
export function listText(reasons: readonly string[], columns: number): string[] {
  return reasons.flatMap((reason) => wrapped(reason, columns - 2).map((line, k) => `${k === 0 ? "-" : " "} ${line}`));
}

/**
 * What freezing saves of a run, why it is not more, and what would change it.
 *
 * @param columns of a line of text; the table takes what it needs
 */
export function whyText({ name, course, measured: found }: Told, columns: number): string {
  const measured = found?.beside === undefined ? found : undefined;
  const reasons = reasonsOf(course, measured), { savings } = course;
  return [
    name,
    course.title,
    "",
    ...headline(course, measured),
    ...(found?.beside !== undefined
      ? [
        `Its times are left out: up to ${
          found.beside.toFixed(1)
        } processes wanted a core while it ran, so they say nothing of it.`,
      ]
      : []),
    "",
    ...table(course, measured),
    "",
    "Why not more",
    ...listText(reasons, columns),
    ...(savings.length > 1 ? ["", "What it would save, by the cost model", ...align(savings.map(savingRow))] : []),
    ...(savings.length === 0 && course.stretches.length > 1
      ? ["", "No cost model knows this method's steps; the table says what trains and where the backward pass ends."]
      : []),
  ].join("\n");
}

const savingRow = ({ what, share }: Course["savings"][number]) => [`  ${what}`, percent(share)];

function headline({ savings: [own] }: Course, measured?: Measured): string[] {
  return [
    ...(own ? [`Saves ${percent(own.share)} of the steps' time by the cost model.`] : []),
    ...(measured?.saved !== undefined
      ? [
        `Saved ${percent(measured.saved)} in this record, by its own steps before the first freeze` +
        `${
          measured.compileSeconds > 0 ? `, and ${measured.compileSeconds.toFixed(1)} s were spent on new steps` : ""
        }.`,
      ]
      : []),
  ];
}

function table({ layers, stages, stretches }: Course, measured?: Measured): string[] {
  const many = stages > 1, known = stretches.some(({ cost }) => cost !== undefined);
  const head = [
    "from step",
    "steps",
    "layers that train",
    ...(many ? ["decoders"] : []),
    "backward ends at",
    ...(known ? ["a step costs"] : []),
    ...(measured ? ["took"] : []),
    "for the gradient of",
  ];
  const rows = stretches.map((each, k) => [
    String(each.from),
    String(each.steps),
    `${each.live} of ${layers}`,
    ...(many ? [String(each.stages)] : []),
    each.end === layers ? "behind the blocks" : `layer ${each.end}`,
    ...(known ? [each.cost!.toFixed(3)] : []),
    ...(measured ? [measured.relative[k]?.toFixed(3) ?? "-"] : []),
    each.because,
  ]);
  return align([head, ...rows]);
}
