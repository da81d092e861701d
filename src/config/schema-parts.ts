// What several sections of the schema are made of.
import { type TSchemaOptions, Type } from "typebox";

/** A section may be left out: then all of it has its defaults. */
export const SECTION: TSchemaOptions = { additionalProperties: false, default: {} };

export const seconds = (
  title: string,
  description: string,
  range: { min: number; max: number; value: number },
) => Type.Number({ title, description, minimum: range.min, maximum: range.max, default: range.value });
