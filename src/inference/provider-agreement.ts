import type { Tensors } from "./tensor.ts";

/**
 * A provider is right when nearly all of its outputs are near the CPU's. Not all must be: where two places of a heat map
 * are all but equal, the last bit of a GPU's arithmetic decides which is named, and that is no fault.
 */
const NEAR = 0.01;
const SHARE_NEAR = 0.9;

export interface Agreement {
  readonly agrees: boolean;
  /** Share of the output elements that are near, 0..1. */
  readonly shareNear: number;
  /** NaN when a result is missing or not a number. */
  readonly maxDiff: number;
}

/** Compares a provider's outputs with the CPU's, element by element. */
export function agreementOf(expected: Tensors, actual: Tensors): Agreement {
  const differences = Object.entries(expected).flatMap(([name, tensor]) => {
    const values = actual[name]?.data;
    return Array.from(tensor.data as ArrayLike<number | bigint>, (value, i) =>
      Math.abs(Number(value) - Number(values?.[i] ?? Number.NaN)),
    );
  });
  const near = differences.filter((difference) => difference <= NEAR).length;
  const shareNear = differences.length === 0 ? 0 : near / differences.length;
  const maxDiff = differences.reduce((max, difference) => Math.max(max, difference), 0);
  return { agrees: shareNear >= SHARE_NEAR, shareNear, maxDiff };
}
