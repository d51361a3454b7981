import jsonata from "jsonata";
import { UserError } from "../../../core/errors.ts";
import { type AstNode, checkNames } from "./checkNames.ts";
import type { Shape } from "./shape.ts";
import { ownFunctions } from "./vocabulary.ts";

/** An expression whose names are all known. */
export interface Expression {
  /**
   * Its value, true or false.
   *
   * @throws {UserError} when it gives anything else, fails or does not end
   */
  truth(data: unknown): Promise<boolean>;
  /**
   * Its value, a finite number.
   *
   * @throws {UserError} when it gives anything else, fails or does not end
   */
  number(data: unknown): Promise<number>;
}

/** How far an evaluation may go. */
export interface Limits {
  /** Milliseconds. */
  timeout: number;
  /** Depth of nesting. */
  stack: number;
  /** Members of a list. */
  sequence: number;
}

const defaults: Limits = { timeout: 5000, stack: 500, sequence: 10_000 };

/**
 * Parses a JSONata expression and checks it against the shape of the data that it will see; see `checkNames` for the part
 * of the language that is allowed. Evaluating it has no effects, and is bounded.
 *
 * @param what what is being done, as in "evaluate claim t11.5", for error messages
 * @throws {UserError} when it cannot be parsed or names something unknown
 */
export function expression(what: string, text: string, shape: Shape, limits: Limits = defaults): Expression {
  const parsed = parse(what, text, limits);
  checkNames(what, parsed.ast() as AstNode, shape);
  const value = (data: unknown) => evaluate(what, parsed, data, limits);
  return {
    async truth(data) {
      const found = await value(data);
      if (typeof found === "boolean") return found;
      throw new UserError(`Cannot ${what}: its expression gave ${shown(found)}, want true or false`);
    },
    async number(data) {
      const found = await value(data);
      if (typeof found === "number" && Number.isFinite(found)) return found;
      throw new UserError(`Cannot ${what}: its expression gave ${shown(found)}, want a number`);
    },
  };
}

function parse(what: string, text: string, limits: Limits): jsonata.Expression {
  try {
    return jsonata(text, { ...limits });
  } catch (error) {
    throw new UserError(`Cannot ${what}: its expression is not JSONata: ${messageOf(error)}`);
  }
}

async function evaluate(what: string, parsed: jsonata.Expression, data: unknown, limits: Limits): Promise<unknown> {
  try {
    const value: unknown = await parsed.evaluate(data, ownFunctions);
    return value;
  } catch (error) {
    const endless = codeOf(error) === "D1012";
    throw new UserError(`Cannot ${what}: ${endless ? `it did not end within ${limits.timeout} ms` : messageOf(error)}`);
  }
}

/** JSONata throws plain objects with a code and a message. */
function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
