// Reductions and the operations that pick elements by value or by index.
import type { OpTranslator } from "./conversion.ts";

/** ONNX 13 takes the axes of ReduceSum as an input, those of the other reductions still as an attribute. */
const sum: OpTranslator = (node, conversion) => {
  const axes = conversion.graph.integers(conversion.constantIntegers(node, 1));
  const keep = node.attributes.flag("keep_dims") ? 1 : 0;
  conversion.finish(node, "ReduceSum", [conversion.tf(node, 0), axes], {
    attributes: { keepdims: { int: keep } },
  });
};

function reduction(op: string): OpTranslator {
  return (node, conversion) => {
    const value = conversion.input(node, 0);
    const axes = conversion.constantIntegers(node, 1);
    const keep = node.attributes.flag("keep_dims");
    // A mean over height and width that keeps its axes is as true of an NCHW picture: its axes 2 and 3.
    if (value.order === "nchw" && keep && axes.length === 2 && axes.includes(1) && axes.includes(2)) {
      const attributes = { axes: { ints: [2, 3] }, keepdims: { int: 1 } };
      conversion.finish(node, op, [value.name], { order: "nchw", attributes });
      return;
    }
    const attributes = { axes: { ints: axes }, keepdims: { int: keep ? 1 : 0 } };
    conversion.finish(node, op, [conversion.inOrder(value, "tf")], { attributes });
  };
}

const argMax: OpTranslator = (node, conversion) => {
  const axis = conversion.constantInteger(node, 1);
  conversion.finish(node, "ArgMax", [conversion.tf(node, 0)], {
    attributes: { axis: { int: axis }, keepdims: { int: 0 } },
  });
};

/** Sorted, along the last axis; of equals, both TensorFlow.js and ONNX Runtime take the lower index first. */
const topK: OpTranslator = (node, conversion) => {
  const count = conversion.graph.integers([conversion.constantInteger(node, 1)]);
  const outputs = ["values", "indices"].map((what) => conversion.graph.freshName(`${node.name}/${what}`));
  conversion.graph.add({
    op: "TopK",
    inputs: [conversion.tf(node, 0), count],
    outputs,
    attributes: { axis: { int: -1 }, largest: { int: 1 }, sorted: { int: 1 } },
  });
  outputs.forEach((name, output) => {
    conversion.set({ node: node.name, output }, { name, order: "tf" });
  });
};

const gatherNd: OpTranslator = (node, conversion) => {
  conversion.finish(node, "GatherND", [conversion.tf(node, 0), conversion.tf(node, 1)]);
};

export const selectionOps: Readonly<Record<string, OpTranslator>> = {
  ArgMax: argMax,
  GatherNd: gatherNd,
  Max: reduction("ReduceMax"),
  Mean: reduction("ReduceMean"),
  Sum: sum,
  TopKV2: topK,
};
