import { UserError } from "../../core/errors.ts";

/** What the user error that a choice of images throws says; null when it throws none. */
export function unusableReason(choose: () => unknown): string | null {
  try {
    choose();
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
