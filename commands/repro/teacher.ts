import { UserError } from "../../core/errors.ts";
import { methodOf } from "../../core/methods/mod.ts";
import type { Phase } from "../../records/phase.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { checkTeacher, type Teacher } from "../../training/teacher/teacher.ts";

/** The `--set` word that says to settings which teacher there is. */
export function teacherSetting(
  { sha256: weights, model: { embedDim: dim } }: Teacher,
  loss: "squared" | "cosine",
): string {
  return `teacher=${JSON.stringify({ weights, dim, loss })}`;
}

/**
 * Makes sure that a teacher is there where one is wanted, and fits.
 *
 * @throws {UserError} when it is not
 */
export function checkTeachers(pretrainings: readonly Phase[], teacher: Teacher | undefined): void {
  const wanting = pretrainings.flatMap(({ config }) => {
    const { method, config: model } = methodOf(config.method as PretrainConfig["method"]),
      wanted = method.teacher?.(model);
    return wanted ? [{ vit: method.encoder(model).vit, wanted }] : [];
  });
  for (const { vit, wanted } of wanting) {
    if (!teacher) {
      throw new UserError(
        `Cannot learn a teacher's features without it: want --teacher PATH, SHA-256 ${wanted.weights}`,
      );
    }
    checkTeacher(teacher, vit, wanted);
  }
}
