import { mark, type State } from "../words.ts";
import { type Markup, markup } from "./markup.ts";

/** A state as a framed word with its sign; the frame's line differs by tone, so that grey print tells them apart. */
export function badge(state: State): Markup {
  return markup`<span class="badge ${mark(state).tone}">${signed(state)}</span>`;
}

/** A state as a word with its sign, without a frame. */
export function outcome(state: State): Markup {
  return markup`<span class="outcome ${mark(state).tone}">${signed(state)}</span>`;
}

function signed(state: State): Markup {
  return markup`<span class="sign" aria-hidden="true">${mark(state).sign}</span> ${state}`;
}
