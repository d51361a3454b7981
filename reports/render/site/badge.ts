import { type Mark, mark, type State } from "../words.ts";
import { type Markup, markup } from "./markup.ts";

/** A state as a framed word with its sign; the frame's line differs by tone, so that grey print tells them apart. */
export function badge(state: State): Markup {
  return markup`<span class="badge ${mark(state).tone}">${signed(state, mark(state).sign)}</span>`;
}

/**
 * A state as a word with its sign, without a frame.
 *
 * @param mark where it is not the usual one
 */
export function outcome(state: State, { sign, tone }: Mark = mark(state)): Markup {
  return markup`<span class="outcome ${tone}">${signed(state, sign)}</span>`;
}

function signed(state: State, sign: string): Markup {
  return markup`<span class="sign" aria-hidden="true">${sign}</span> ${state}`;
}
