import type { Field } from '../fields.js';
import type { Feature } from '../model.js';
import { type Context, contextOf } from './context.js';
import type { Part } from './part.js';
import { refPart, refsPart } from './references.js';
import { booleanPart, dateTimePart, enumPart, intPart, textPart, uuidPart } from './scalars.js';
import { jsonPart, moneyPart } from './structures.js';

const PARTS: Record<Field['type'], (context: Context) => Part> = {
  text: textPart,
  int: intPart,
  money: moneyPart,
  boolean: booleanPart,
  enum: enumPart,
  'date-time': dateTimePart,
  json: jsonPart,
  uuid: uuidPart,
  ref: refPart,
  refs: refsPart,
};

/** What a field is in each file of its feature. */
export const partOf = (feature: Feature, field: Field): Part => PARTS[field.type](contextOf(feature, field));
