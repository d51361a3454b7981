import { z } from "zod";

/** SHA-256 of a file that a config names, in hexadecimal. */
export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, "64 hex digits, the SHA-256 of the file");
