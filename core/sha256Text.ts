import { z } from "zod";

/** A SHA-256 in writing. */
export const SHA256 = /^[0-9a-f]{64}$/;

/** The same as a value of a file or a config. */
export const sha256Text = z.string().regex(SHA256, "64 hex digits, a SHA-256");
