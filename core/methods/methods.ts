import { beit } from "./beit/method.ts";
import { convMae } from "./convmae/method.ts";
import { localMim } from "./localmim/method.ts";
import { mae } from "./mae/method.ts";
import { maskFeat } from "./maskfeat/method.ts";
import type { Method } from "./method.ts";
import { simMim } from "./simmim/method.ts";

/** The methods by name: that of their folder. A line here is in no hash of code, for each folder has one of its own. */
export const METHODS: Readonly<Record<string, Method<unknown>>> = {
  localmim: localMim,
  mae: mae as Method<unknown>,
  simmim: simMim as Method<unknown>,
  beit: beit as Method<unknown>,
  maskfeat: maskFeat as Method<unknown>,
  convmae: convMae as Method<unknown>,
};
