import { UserError } from "../core/errors.ts";

/**
 * Passes a loss on, or ends a run that cannot recover.
 *
 * @param where for the message, e.g. "pre-training step 12"
 * @throws {UserError} when the loss is not finite
 */
export function finite(loss: number, where: string): number {
  if (Number.isFinite(loss)) return loss;
  throw new UserError(`Cannot go on after ${where}: the loss is ${loss}, want a finite one (a lower learning rate?)`);
}
