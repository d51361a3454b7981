import * as Plot from "@observablehq/plot";
import { figureSvg, type Panel } from "../../reports/figures/frame.ts";
import { endLabels } from "../../reports/figures/labels.ts";
import { COLOURS, MARGIN, WIDTH } from "../../reports/figures/theme.ts";
import { ratioText, relativeTime, valueText } from "./format.ts";
import type { Bench, Entry, Freeze } from "./model.ts";

const BAR = 24, TOP = 34, BOTTOM = 46, LEFT = 320, RIGHT = 140, CURVE_HEIGHT = 330, CURVE_LEFT = 48;
const CURVE_RIGHT = 190;

/** Bars of our time over each peer's, and the step time by frozen layers, as an SVG. */
export function benchSvg({ entries, freeze, machine, settings, start }: Bench): string {
  const compared = entries.filter((entry) => entry.ratio !== null && !isRepeated(entry, entries));
  const plots = [
    ...(compared.length > 0 ? [bars(compared)] : []),
    ...(freeze === null ? [] : [curve(freeze, settings.batch)]),
  ];
  return figureSvg({
    title: compared.length > 0
      ? "Our cost beside each peer's"
      : freeze === null
      ? "No peer was measured, nor the freezing states"
      : "Time of a step by the number of frozen layers",
    subtitle: `${machine.cpu}, ${machine.cores} cores, ${start.slice(0, 10)}; what is compared was measured in turn.`,
    description: compared.map((entry) => `${entry.name}: ${label(entry)}`).join("; "),
    panels: stacked(plots.length > 0 ? plots : [{ width: WIDTH, height: BAR, marks: [] }]),
  });
}

type Tall = Plot.PlotOptions & { height: number };

/** Plots one below the other. */
function stacked(plots: Tall[]): Panel[] {
  return plots.map((options, k) => ({
    left: 0,
    top: plots.slice(0, k).reduce((sum, { height }) => sum + height, 0),
    options,
  }));
}

function label({ ours, peer, unit, ratio }: Entry): string {
  return `${valueText(ours.median, unit)}, ${peer?.name} ${valueText(peer!.median, unit)} (${ratioText(ratio)})`;
}

/** Whether a rate is there as seconds too. */
function isRepeated({ name, unit }: Entry, entries: Entry[]): boolean {
  return unit === "images/s" && entries.some((other) => other.name === name && other.unit === "s");
}

/** Ours as a share of the peer's, one bar each: shorter than the line at 1 is better. */
function bars(entries: Entry[]): Tall {
  const data = entries.map((entry) => ({ share: 1 / entry.ratio!, entry }));
  const names = data.map(({ entry }) => `${entry.name} / ${entry.peer!.name}`);
  const height = TOP + BOTTOM + BAR * data.length, most = Math.max(1, ...data.map(({ share }) => share));
  return {
    width: WIDTH,
    height,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: {
      domain: [0, Math.ceil(most * 10) / 10],
      label: "our time or memory, the peer's is 1",
      labelAnchor: "center",
      labelArrow: "none",
      grid: true,
    },
    y: { type: "band", domain: names, label: null, tickSize: 0 },
    marks: [
      Plot.barX(data, { x: "share", y: (_, k) => names[k], fill: COLOURS.blue, insetTop: 3, insetBottom: 3 }),
      Plot.ruleX([1], { stroke: COLOURS.vermilion, strokeWidth: 2 }),
      Plot.text(data, {
        x: () => most,
        y: (_, k) => names[k],
        text: ({ entry }: typeof data[number]) => ratioText(entry.ratio),
        textAnchor: "start",
        dx: 12,
      }),
    ],
  };
}

/** Step time over that of the unfrozen step, by frozen layers. */
function curve({ states, savings }: Freeze, batch: number): Tall {
  const looks = { cut: { stroke: COLOURS.blue, dash: "2 3" }, live: { stroke: COLOURS.vermilion, dash: "7 4" } };
  const series = savings.map(({ backward, withHog }) => ({
    ...looks[backward],
    name: `${backward}: ${withHog.toFixed(1)} % saved`,
    times: states.filter((state) => state.backward === backward)
      .map((state) => ({ frozen: state.frozen, share: relativeTime(state) })),
  }));
  const most = Math.max(1, ...series.flatMap(({ times }) => times.map(({ share }) => share)));
  const domain: [number, number] = [0, Math.ceil(most * 10) / 10];
  const last = Math.max(...states.map(({ frozen }) => frozen));
  const ends = series.map(({ name, times }) => ({ x: last, y: times[times.length - 1].share, text: name }));
  return {
    width: WIDTH,
    height: CURVE_HEIGHT,
    marginLeft: CURVE_LEFT,
    marginRight: CURVE_RIGHT,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: {
      domain: [0, last],
      label: `frozen layers (batch ${batch})`,
      labelAnchor: "center",
      labelArrow: "none",
      ticks: last,
    },
    y: { domain, label: "relative time of a step", labelArrow: "none", labelOffset: CURVE_LEFT - MARGIN, grid: true },
    marks: [
      ...series.flatMap(({ times, stroke, dash }) => [
        Plot.line(times, { x: "frozen", y: "share", stroke, strokeWidth: 2, strokeDasharray: dash }),
        Plot.dot(times, { x: "frozen", y: "share", stroke, fill: "white", r: 4 }),
      ]),
      ...endLabels(ends, { domain, height: CURVE_HEIGHT - TOP - BOTTOM }),
    ],
  };
}
