/** Loop header: runs `body` for every four floats, advancing the named pointers. */
function loop(pointers: string[], body: string): string {
  const advance = pointers.map((p) => `(local.set $${p} (i32.add (local.get $${p}) (i32.const 16)))`).join("\n");
  return `(local.set $end (i32.add (local.get $${pointers[0]}) (i32.shl (local.get $n) (i32.const 2))))
  (loop $next ${body} ${advance} (br_if $next (i32.lt_u (local.get $${pointers[0]}) (local.get $end))))`;
}

const load = (pointer: string) => `(v128.load (local.get $${pointer}))`;
const splat = (name: string) => `(f32x4.splat (local.get $${name}))`;

/**
 * The optimisers' arithmetic as WebAssembly text: AdamW and SGD over a tensor, and the sum of micro-batch gradients.
 * Lengths are multiples of four. AdamW and SGD take their arguments alike, see `Job`.
 */
export const SIMD_SOURCE = `(module (import "host" "memory" (memory 1 65536 shared))
(func (export "adamw") (param $w i32) (param $m i32) (param $v i32) (param $g i32) (param $n i32)
  (param $beta1 f32) (param $beta2 f32) (param $alpha f32) (param $eps f32) (param $decay f32) (param $scale f32)
  (local $end i32) (local $G v128) (local $M v128) (local $V v128)
  ${
  loop(
    ["g", "w", "m", "v"],
    `(local.set $G (f32x4.mul ${load("g")} ${splat("scale")}))
    (local.set $M (f32x4.add (f32x4.mul ${load("m")} ${splat("beta1")}) (local.get $G)))
    (local.set $V (f32x4.add (f32x4.mul ${load("v")} ${splat("beta2")}) (f32x4.mul (local.get $G) (local.get $G))))
    (v128.store (local.get $m) (local.get $M))
    (v128.store (local.get $v) (local.get $V))
    (v128.store (local.get $w) (f32x4.sub (f32x4.mul ${load("w")} ${splat("decay")})
      (f32x4.div (f32x4.mul (local.get $M) ${splat("alpha")}) (f32x4.add (f32x4.sqrt (local.get $V)) ${
      splat("eps")
    }))))`,
  )
})
(func (export "sgd") (param $w i32) (param $m i32) (param $unused i32) (param $g i32) (param $n i32)
  (param $scale f32) (param $decay f32) (param $momentum f32) (param $direct f32) (param $carried f32) (param $lr f32)
  (local $end i32) (local $D v128) (local $M v128)
  ${
  loop(
    ["g", "w", "m"],
    `(local.set $D (f32x4.add (f32x4.mul ${load("g")} ${splat("scale")}) (f32x4.mul ${load("w")} ${splat("decay")})))
    (local.set $M (f32x4.add (f32x4.mul ${load("m")} ${splat("momentum")}) (local.get $D)))
    (v128.store (local.get $m) (local.get $M))
    (v128.store (local.get $w) (f32x4.sub ${load("w")} (f32x4.mul
      (f32x4.add (f32x4.mul (local.get $D) ${splat("direct")}) (f32x4.mul (local.get $M) ${splat("carried")}))
      ${splat("lr")})))`,
  )
})
(func (export "accumulate") (param $s i32) (param $g i32) (param $n i32)
  (local $end i32)
  ${
  loop(
    ["s", "g"],
    `(v128.store (local.get $s) (f32x4.add ${load("s")} ${load("g")}))`,
  )
}))`;
