import { z } from "zod";
import { FAULTS } from "../vocabulary.ts";
import { ruleSchema } from "./ruleSchema.ts";

const text = z.string();
const expr = text.optional();
/** How the printed numbers miss the claim; there exactly where they do and the authors make it. */
const fails = z.enum(FAULTS).optional();
/** The claim that says the same. */
const repeats = text.default("");

/** Expressions and rules of the claims that stand with a published table, figure or list of cross-checks. */
export const claimRulesSchema = z.strictObject({
  id: text,
  claims: z.array(z.strictObject({
    id: text,
    expr,
    derived: z.boolean().default(false),
    /** What is to be said about the printed numbers, where the published file says nothing. */
    remark: text.default(""),
    fails,
    repeats,
    rule: ruleSchema,
  })),
});

/** Claims that are made in the text only, with their expressions and rules. */
export const textClaimsSchema = z.strictObject({
  id: text,
  claims: z.array(z.strictObject({
    id: text,
    text,
    where: text,
    kind: z.enum(["definition", "number", "ratio", "ordering", "trend", "text"]),
    remark: text.default(""),
    repeats,
    expr,
    fails,
    rule: ruleSchema,
  })),
});

/** Numbered claims that rest on checks; `why` says why one that rests on none cannot be checked. */
export const numberedClaimsSchema = z.strictObject({
  id: text,
  claims: z.array(
    z.strictObject({
      id: text,
      text,
      where: text,
      testable: z.array(z.enum(["arithmetic", "small scale", "full scale", "timing"])).min(1),
      derived: z.boolean().default(false),
      remark: text.default(""),
      fails,
      repeats,
      checks: z.array(text),
      why: text.optional(),
    }).refine(
      ({ checks, why }) => (checks.length === 0) === (why !== undefined),
      "either checks or why there are none",
    ),
  ),
});

/** How full reruns of one model scatter, and where they lie beside the print. */
export const seedBandSchema = z.strictObject({
  model: text,
  dataset: text,
  reruns: z.int().positive(),
  mean: z.number(),
  sd: z.number().positive(),
  published: z.number(),
  source: text,
});

/** The rules of the claims of one published work. */
export type ClaimRules = z.infer<typeof claimRulesSchema>;
/** How full reruns of one model scatter. */
export type SeedBand = z.infer<typeof seedBandSchema>;
