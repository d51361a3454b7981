import { z } from "zod";
import { atLeast1, positiveShare, share } from "../numbers.ts";

/** Keys of masked views that methods share; how a pattern may be called is the method's. */
export const viewsShape = {
  maskRatio: share,
  views: atLeast1,
  viewRule: z.enum(["disjoint", "independent"], "disjoint or independent"),
  predRatio: positiveShare,
  lrRule: z.enum(["adaptive", "unique", "views"], "adaptive, unique or views"),
};

/** Keys of views among whose patterns are rectangles. */
export const rectangleShape = {
  ...viewsShape,
  pattern: z.enum(["uniform", "cells", "rectangles"], "uniform, cells or rectangles"),
  minPatches: atLeast1,
};
