import type { Rule } from "./ruleSchema.ts";

/** The cells, row and column, that a rule reads by name in its own table; none for rules with expressions. */
export function ruleCells(rule: Rule): { row: string; column: string }[] {
  switch (rule.kind) {
    case "value":
      return rule.targets.flatMap(({ row, column, below = row }) => cells([row, below], column));
    case "ordering":
      return rule.chains.flatMap(({ column, order }) => cells(order, column));
    case "best":
      return rule.columns.flatMap((column) => cells([rule.row, ...rule.over], column));
    case "difference":
      return rule.leads.flatMap(({ column, row, over }) => cells([row, over], column));
    case "timeRatio":
      return cells([rule.baseline, ...rule.rows], rule.column);
    case "recovery":
      return cells([rule.baseline, rule.of, rule.by], rule.column);
    default:
      return [];
  }
}

function cells(rows: string[], column: string) {
  return rows.map((row) => ({ row, column }));
}
