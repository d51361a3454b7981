import { UserError } from "../../../core/errors.ts";

const BEGIN = "<!-- results: written by deno task report --rendered -->", END = "<!-- end of results -->";

/**
 * A page with the section of results written anew: what lies between the two marks.
 *
 * @param name of the page, for the error message
 * @param section Markdown
 * @throws {UserError} when the marks are missing
 */
export function withSection(page: string, name: string, section: string): string {
  const begin = page.indexOf(BEGIN), end = page.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new UserError(`Cannot write the results into ${name}: want the lines '${BEGIN}' and '${END}' in it`);
  }
  const lines = [BEGIN, "<!-- deno-fmt-ignore-start -->", "", section, "", "<!-- deno-fmt-ignore-end -->"];
  return `${page.slice(0, begin)}${lines.join("\n")}\n${page.slice(end)}`;
}
