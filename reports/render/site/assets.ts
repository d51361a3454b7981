import filter from "./script/filter.js" with { type: "text" };
import sort from "./script/sort.js" with { type: "text" };
import base from "./style/base.css" with { type: "text" };
import cells from "./style/cells.css" with { type: "text" };
import claims from "./style/claims.css" with { type: "text" };
import figures from "./style/figures.css" with { type: "text" };
import narrow from "./style/narrow.css" with { type: "text" };
import print from "./style/print.css" with { type: "text" };
import states from "./style/states.css" with { type: "text" };
import tables from "./style/tables.css" with { type: "text" };
import text from "./style/text.css" with { type: "text" };

/** The style sheet of all pages; what narrow windows and paper need comes last. */
export const style = [base, text, states, claims, tables, cells, figures, narrow, print].join("\n");

/** The script of all pages: extras that a page can be read without. */
export const script = [sort, filter].join("\n");
