import { readSafetensors } from "../core/safetensors/read.ts";
import { modelParameters } from "../training/weights/model.ts";
import { assertEqual, assertTrue, relativeNorm } from "./assert.ts";
import { assertRefused, run, runWell } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { classifier, encoder, leavePhase, linear, localmim, ones, ownFile, VIT, weights } from "./weightsTools.ts";

Deno.test("weights:export and weights:import carry a run's weights out and back, the same bytes every time", async () => {
  await inFolder(async (folder) => {
    const older = new Map([...weights(localmim)].map(([name, { shape }]) => [name, ones(...shape)]));
    const pretrain = await leavePhase(folder, "pretrain", { 1: ownFile(localmim, older), 2: ownFile(localmim) });
    const finetune = await leavePhase(folder, "finetune", { 1: ownFile(classifier) });
    const bytes = (name: string) => Deno.readFile(`${folder}/${name}.safetensors`);
    const back = async (args: string[], run = ".") => {
      await runWell("weights:export", folder, run, "--to", "out.safetensors", ...args);
      const { out } = await runWell("weights:import", folder, "out.safetensors", "--to", "back.safetensors");
      return { out, tensors: readSafetensors(await bytes("back")).tensors };
    };
    const all = await back(["--names", "official"]);
    assertEqual(all.tensors, readSafetensors(ownFile(localmim)).tensors);
    assertTrue(all.out.includes("4 decoders after blocks 1, 2, 3, 4"), all.out);
    const first = await bytes("out");
    await runWell("weights:export", folder, pretrain, "--to", "out.safetensors", "--names", "official");
    assertEqual(await bytes("out"), first);
    assertEqual((await back(["--names", "official", "--epochs", "1"], pretrain)).tensors, older);
    const timm = await back([]);
    assertEqual([...timm.tensors.keys()].sort(), modelParameters(encoder).map(({ name }) => name).sort());
    assertEqual(timm.tensors.get("norm.bias"), weights(localmim).get("norm.3.bias"));
    const { tensors } = readSafetensors(ownFile(classifier));
    assertEqual((await back(["--which", "finetune"])).tensors, tensors);
    assertEqual((await back([], finetune)).tensors, tensors);
    const { out } = await runWell("weights:list", folder, `${finetune}/weights-1.safetensors`);
    assertTrue(
      out.includes("model: classifier: width 16, 4 blocks, 2 heads, 32 pixels in patches of 8, 5 classes"),
      out,
    );
    await runWell("weights:export", folder, pretrain, "--to", "half.safetensors", "--dtype", "BF16");
    const half = readSafetensors(await bytes("half")).tensors.get("cls_token")!,
      full = weights(encoder).get("cls_token")!;
    // A brain float has 8 bits: half of the last one is 2^-9.
    assertTrue(
      half.dtype === "BF16" && relativeNorm(half.data as Float32Array, full.data as Float32Array) < 2 ** -9,
      "BF16",
    );
    assertTrue(/^head\.weight +F32 +\[5, 16\]$/m.test(out), out);
  });
});

Deno.test("weights:export takes a checkpoint without the optimiser's moments", async () => {
  await inFolder(async (folder) => {
    const values = [...weights(localmim)];
    const tensors = values.flatMap(([name, tensor]) =>
      ["value", "moment1", "moment2"].map((region) => [`${region}/${name}`, tensor] as const)
    );
    await Deno.writeFile(`${folder}/c.safetensors`, ownFile(localmim, new Map(tensors)));
    await runWell("weights:export", folder, "c.safetensors", "--to", "out.safetensors", "--names", "official");
    const { tensors: given } = readSafetensors(await Deno.readFile(`${folder}/out.safetensors`));
    for (const [name, tensor] of values) assertEqual(given.get(name), tensor);
  });
});

Deno.test("weights:export writes a folder from which timm builds the model, with the same weights as in a file", async () => {
  await inFolder(async (folder) => {
    const finetune = await leavePhase(folder, "finetune", { 1: ownFile(classifier) }, { testCropRatio: 0.9 });
    const json = async (path: string) => JSON.parse(await Deno.readTextFile(`${folder}/${path}/config.json`));
    await runWell("weights:export", folder, finetune, "--to", "out.safetensors");
    const { out } = await runWell("weights:export", folder, finetune, "--to", "sub/vit/");
    assertTrue(out.includes('timm.create_model("local-dir:sub/vit", pretrained=True)'), out);
    assertEqual(
      await Deno.readFile(`${folder}/sub/vit/model.safetensors`),
      await Deno.readFile(`${folder}/out.safetensors`),
    );
    const { model_args, pretrained_cfg, ...config } = await json("sub/vit");
    const { imageSize: img_size, patchSize: patch_size, embedDim: embed_dim, depth, numHeads: num_heads } = VIT;
    assertEqual(config, {
      architecture: "vit_base_patch16_224",
      num_classes: 5,
      num_features: embed_dim,
      global_pool: "avg",
    });
    assertEqual(model_args, {
      img_size,
      patch_size,
      embed_dim,
      depth,
      num_heads,
      mlp_ratio: VIT.mlpRatio,
      global_pool: "avg",
    });
    assertEqual([pretrained_cfg.input_size, pretrained_cfg.crop_pct, pretrained_cfg.mean], [[3, 32, 32], 0.9, [
      0.485,
      0.456,
      0.406,
    ]]);
    await Deno.writeFile(`${folder}/own.safetensors`, ownFile(localmim));
    await runWell("weights:export", folder, "own.safetensors", "--to", "encoder/");
    const encoder = await json("encoder");
    assertEqual([encoder.num_classes, encoder.global_pool, encoder.pretrained_cfg.crop_pct], [0, "token", undefined]);
    const official = await run("weights:export", folder, "own.safetensors", "--to", "encoder/", "--names", "official");
    assertRefused(official, "Cannot use --to encoder/ with --names official: a folder is timm's");
    assertRefused(
      await run("weights:export", folder, "own.safetensors", "--to", "encoder"),
      "want a name that ends in .safetensors, or / at the end of a folder",
    );
    assertRefused(await run("weights:import", folder, "own.safetensors", "--to", "encoder/"), "ends in .safetensors");
  });
});

Deno.test("weights commands refuse what they cannot do in one line", async () => {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/run`);
    const phase = await leavePhase(folder, "finetune", { 3: ownFile(classifier) });
    await Deno.writeFile(`${folder}/own.safetensors`, ownFile(localmim));
    await Deno.writeFile(`${folder}/head.safetensors`, ownFile(linear));
    await Deno.writeTextFile(`${folder}/a.txt`, "hello");
    const to = ["--to", "out.safetensors"];
    assertRefused(await run("weights:export", folder, "run", ...to), "it holds no weights, want weights-*.safetensors");
    assertRefused(
      await run("weights:export", folder, ".", ...to),
      "it holds no weights",
      "in one pretrain phase's folder",
    );
    const second = ["--epochs", "2"], which = ["--which", "finetune"];
    assertRefused(await run("weights:export", folder, phase, ...to, ...second), "holds weights-3", "want weights-2.");
    assertRefused(await run("weights:export", folder, phase, ...to, ...which), "no effect in the folder of one phase");
    assertRefused(await run("weights:export", folder, "head.safetensors", ...to), "the head of a linear probe");
    assertRefused(await run("weights:export", folder, "nothing", ...to), "no such file or folder");
    assertRefused(await run("weights:export", folder, "own.safetensors"), "no --to");
    assertRefused(await run("weights:export", folder, "own.safetensors", "--to", "a.bin"), "ends in .safetensors");
    assertRefused(await run("weights:export", folder, "own.safetensors", ...to, ...which), "no effect");
    assertRefused(await run("weights:export", folder, "own.safetensors", ...to, ...second), "no effect");
    assertRefused(
      await run("weights:export", folder, "own.safetensors", ...to, "--names", "mae"),
      "want timm or official",
    );
    assertRefused(await run("weights:import", folder, ...to), "no FILE");
    assertRefused(await run("weights:import", folder, "own.safetensors", ...to, "--heads", "4"), "says itself");
    assertRefused(await run("weights:import", folder, "a.txt", ...to), "want a safetensors file, or one of torch.save");
    assertRefused(await run("weights:list", folder, "run"), "Cannot read run");
    // Nothing is lost to what is written: the source, and the files that a phase goes on from.
    const kept = `${phase}/weights-3.safetensors`, before = await Deno.readFile(`${folder}/${kept}`);
    assertRefused(
      await run("weights:export", folder, phase, "--to", kept),
      `Cannot write ${kept}: it is the file that is read, want another name in --to`,
    );
    assertRefused(
      await run("weights:export", folder, "own.safetensors", "--to", `${phase}/weights-4.safetensors`),
      "its folder is that of a phase, which goes on from its own files; want another",
    );
    assertRefused(
      await run("weights:import", folder, "own.safetensors", "--to", "./own.safetensors"),
      "it is the file that is read",
    );
    assertEqual(await Deno.readFile(`${folder}/${kept}`), before);
    assertEqual(await Deno.readFile(`${folder}/own.safetensors`), ownFile(localmim));
  });
});
