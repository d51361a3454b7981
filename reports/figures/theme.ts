/** The font of every figure, in pixels; labels inside dense panels may be one pixel smaller. */
export const FONT_SIZE = 13;
/** Width of a figure where there is room, in pixels. */
export const WIDTH = 880;
/** Width of a figure on a phone: a window of 390 pixels less the margins of a page. */
export const NARROW_WIDTH = 356;
/** Room left of headings and axis titles, in pixels. */
export const MARGIN = 8;

/** What a figure is drawn on. */
export interface Canvas {
  /** Pixels. */
  width: number;
  /** Whether there is no room for panels side by side and for names beside a plot. */
  narrow: boolean;
}

/** The two canvases of every figure. */
export const WIDE: Canvas = { width: WIDTH, narrow: false }, NARROW: Canvas = { width: NARROW_WIDTH, narrow: true };

/** Okabe and Ito's colours that are dark enough to be read on white; told apart by colour-blind readers. */
export const COLOURS = {
  black: "#000000",
  blue: "#0072b2",
  vermilion: "#d55e00",
  green: "#007d5c",
  purple: "#a8487f",
  grey: "#6b6b6b",
} as const;

/** How a series looks: colour, and besides it a dash pattern and a shape, so that it is told apart in grey too. */
export interface Look {
  colour: string;
  /** As in SVG's stroke-dasharray; absent: a solid line. */
  dash?: string;
  symbol: "circle" | "square" | "triangle" | "diamond" | "cross";
}

/** Looks of series in the order in which they are listed. */
export const LOOKS: readonly Look[] = [
  { colour: COLOURS.vermilion, dash: "7 4", symbol: "triangle" },
  { colour: COLOURS.blue, dash: "2 3", symbol: "square" },
  { colour: COLOURS.black, symbol: "circle" },
  { colour: COLOURS.green, dash: "10 3 2 3", symbol: "diamond" },
  { colour: COLOURS.purple, dash: "4 2", symbol: "cross" },
];
