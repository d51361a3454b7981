import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { examine } from "../../../reports/logs/examine.ts";
import { logJson } from "../../../reports/logs/json.ts";
import { readLog } from "../../../reports/logs/readLog.ts";
import { logText } from "../../../reports/logs/text/logText.ts";
import { assertTrue } from "../../assert.ts";
import { madeUpLog } from "../../madeUpLog.ts";
import { type Mutant, mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

const RECORD = { train_lr: 1e-3, train_loss: 0.5, test_acc1: 50.1, test_acc5: 80.2, test_loss: NaN };

/** Logs as text, in several forms, as JSON lines, and in part of a line that repeats itself. */
function samples(): Uint8Array[] {
  const records = [0, 1, 2].map((epoch) => JSON.stringify({ ...RECORD, epoch }).replace("null", "NaN"));
  const freezing = { t_0: "0.8", how_scale: "'cubic'" };
  const texts = [
    madeUpLog({ last: 2 }),
    madeUpLog({ last: 4, args: freezing, manyLines: true, stamped: false, firstIteration: 1 }),
    madeUpLog({ last: 3, args: null, top1: (epoch) => 50 + epoch }),
    madeUpLog({ last: 1, ends: false }) + madeUpLog({ first: 2, last: 3 }),
    records.join("\n"),
  ];
  return texts.map((text) => new TextEncoder().encode(text));
}

const PIECES = [
  "Epoch: [1] Total time: ",
  "Epoch: [1]  [ 20/200]  ",
  " time: 1.0  data: 0.0001",
  " loss: 0.5 (0.5)",
  "lr: 1",
  "* Acc@1 50.0 Acc@5 80.0 loss 1.0",
  "Averaged stats:",
  " (1 s / it)",
  "Namespace(a=",
  "('",
  "\\",
  '{"epoch": NaN,',
  "True time 1 day, ",
  "1.",
  " ",
];

interface Mutated {
  form: "plain" | "gzip" | "plain then gzip";
  mutant: Mutant;
}

interface Patterned {
  form: "pieces";
  pieces: { piece: string; times: number }[];
  lines: number;
}

/** Pieces of lines, put together at random and often: what a pattern of a line may take long over. */
const patterned: fc.Arbitrary<Patterned> = fc.record({
  form: fc.constant("pieces" as const),
  pieces: fc.array(fc.record({ piece: fc.constantFrom(...PIECES), times: fc.constantFrom(1, 2, 300, 2500) }), {
    maxLength: 4,
  }),
  lines: fc.constantFrom(1, 40),
});

/** Training logs, plain or gzip. What is accepted must be shown as text and as JSON. */
export const logs = fuzzReader("logs", 4, (folder) => {
  const plain = samples(), zipped = plain.map((bytes) => new Uint8Array(gzipSync(bytes))), path = `${folder}/log.txt`;
  const form = fc.constantFrom<Mutated["form"]>("plain", "gzip", "plain then gzip");
  const mutated: fc.Arbitrary<Mutated> = fc.record({ form, mutant: mutants(plain.length) });
  const inputs: fc.Arbitrary<Mutated | Patterned> = fc.oneof({ weight: 6, arbitrary: mutated }, {
    weight: 1,
    arbitrary: patterned,
  });
  const bytesOf = (input: Mutated | Patterned): Uint8Array => {
    if (input.form === "pieces") {
      const line = input.pieces.map(({ piece, times }) => piece.repeat(times)).join("");
      return new TextEncoder().encode(`${line}\n`.repeat(input.lines));
    }
    const bytes = mutate(input.form === "gzip" ? zipped : plain, input.mutant);
    return input.form === "plain then gzip" ? gzipSync(bytes) : bytes;
  };
  return {
    inputs,
    async read(input: Mutated | Patterned) {
      await Deno.writeFile(path, bytesOf(input));
      const log = await readLog(path), examined = examine(log.run);
      JSON.stringify(logJson(path, log, examined));
      assertTrue(!logText(path, log, examined, true).includes("undefined"), "a text with an undefined value");
      assertTrue(log.run.epochs.every(({ epoch }, k) => k === 0 || epoch > log.run.epochs[k - 1].epoch), "epochs fall");
    },
  };
});
