// Is told to stop and does not: says which signal it was, then goes on until a second one ends it.
import { interruptSignal } from "../cli/interrupt.ts";

const { signal } = interruptSignal();
signal.addEventListener("abort", () => console.log(signal.reason.message));
console.log("ready");
setInterval(() => {}, 1000);
