/** Python's text of a whole duration, "0:28:47" or "1 day, 23:58:06", in seconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const found = /^(?:(\d+) days?, )?(\d+):(\d\d):(\d\d)$/.exec(text.trim());
  if (!found) return null;
  const [days, hours, minutes, seconds] = found.slice(1).map((word) => Number(word ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
