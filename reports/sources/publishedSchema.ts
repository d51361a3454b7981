import { z } from "zod";

const json = z.json();
const text = z.string();
const texts = z.array(text);

/** A statement of the paper about its numbers; `check` is a Python expression over the rows, null when there is none. */
const claim = z.strictObject({
  id: text,
  text,
  check: text.nullable(),
  where: text.optional(),
  kind: z.enum(["number", "ratio", "ordering", "trend", "text"]).optional(),
  /** Whether the published numbers themselves satisfy the check; null when they cannot say. */
  holds: z.boolean().nullable().optional(),
  remark: text.optional(),
  /** What the check is known to give, where that is not true. */
  expect: z.boolean().optional(),
});

const head = {
  id: text,
  title: text,
  section: text,
  source: z.strictObject({ file: text, where: text }),
  doubts: texts,
};

const column = z.strictObject({ key: text, label: text, unit: text, better: z.enum(["higher", "lower", "none"]) });

const row = z.strictObject({
  key: text,
  label: text,
  values: z.record(z.string(), z.union([z.number(), text, z.null()])),
  note: text,
});

/** A published table: its recipe, columns, rows and the claims made about it. */
export const publishedTableSchema = z.strictObject({
  ...head,
  kind: z.enum(["result", "definition"]).optional(),
  model: text,
  dataset: text,
  recipe: z.record(z.string(), z.union([text, z.number()])),
  columns: z.array(column),
  rows: z.array(row),
  claims: z.array(claim),
  extra: z.record(z.string(), json).optional(),
}).superRefine(({ columns, rows }, context) => {
  const wanted = columns.map(({ key }) => key);
  rows.forEach(({ key, values }, k) => {
    const lacking = wanted.filter((column) => !(column in values));
    const stray = Object.keys(values).filter((column) => !wanted.includes(column));
    const path = ["rows", k];
    if (lacking.length > 0) {
      context.addIssue({ code: "custom", path, message: `row ${key} lacks ${lacking.join(", ")}` });
    }
    if (stray.length > 0) {
      context.addIssue({ code: "custom", path, message: `row ${key} has ${stray.join(", ")}, which is no column` });
    }
  });
});

const readable = z.strictObject({
  what: text,
  value: z.union([z.number(), z.array(z.number())]),
  text: text.optional(),
});

/** A published figure: what is plotted and the numbers the text gives; the curves themselves are not in the text. */
export const publishedFigureSchema = z.strictObject({
  ...head,
  kind: text,
  model: text.optional(),
  dataset: text.optional(),
  axes: z.strictObject({ x: text, y: text }).nullable().optional(),
  plots: z.record(z.string(), json).optional(),
  parameters: z.record(z.string(), json).optional(),
  panels: z.array(z.strictObject({ key: text, plots: text, printed_caption: text.nullable().optional() })).optional(),
  curves: text.optional(),
  formula: text.optional(),
  numbers_in_text: z.array(readable).optional(),
  numbers_readable: z.array(readable).optional(),
  /** Computed from published numbers or formulas, not printed by the authors. */
  computed_not_published: z.array(z.record(z.string(), json)).optional(),
  computed_what: text.optional(),
  author_code: text.optional(),
  claims: z.array(z.union([text, claim])).optional(),
  fed_by: texts.optional(),
  feeds_from_tables: texts.optional(),
  related_tables: texts.optional(),
});

/** Arithmetic checks that span tables. */
export const crosschecksSchema = z.strictObject({ id: text, checks: z.array(claim) });

/** A claim about published numbers. */
export type PublishedClaim = z.infer<typeof claim>;
/** A table as published. */
export type PublishedTable = z.infer<typeof publishedTableSchema>;
/** A figure as published. */
export type PublishedFigure = z.infer<typeof publishedFigureSchema>;
/** Checks over several tables. */
export type Crosschecks = z.infer<typeof crosschecksSchema>;
