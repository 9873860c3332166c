import { TransformationType, type TransformFnParams } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage } from 'class-validator';

/** A class whose members have decorators of class-validator. */
export type InputClass<T extends object = object> = new () => T;

/** How many items a list has at most whose DTO gives no bound of its own. */
const MAX_ITEMS = 100;

/** How a text is bounded, in code points. */
export interface TextBounds {
  minLength: number;
  maxLength: number | undefined;
  /** Whether it must have something that can be seen. */
  isRequired: boolean;
}

/** What is known of a member of a DTO before any validator runs. */
export interface MemberPlan {
  name: string;
  /** How many items it may have; undefined where it is no list. */
  maxItems: number | undefined;
  /** The class of the object, or of each item of the list. */
  nested: InputClass | undefined;
  /** Whether the text of a query is a number, by `@Type(() => Number)`; and whether that may have a fraction. */
  number: 'integer' | 'fraction' | undefined;
  /** Whether it is an id, or a list of ids: read in small letters, so that one id has one spelling. */
  isId: boolean;
  text: TextBounds;
  /** By `@Transform()`, in their order. */
  transforms: readonly { transformFn(parameters: TransformFnParams): unknown }[];
  /** By `@IsOptional()` and `@ValidateIf()`: whether the value is looked at. */
  conditions: ((object: object, value: unknown) => boolean)[];
}

const plans = new WeakMap<InputClass, ReadonlyMap<string, MemberPlan>>();

/** What a class takes, by the names of its members. */
export function planOf(type: InputClass): ReadonlyMap<string, MemberPlan> {
  let plan = plans.get(type);
  if (!plan) {
    plan = new Map([...rulesOf(type)].map(([name, rules]) => [name, memberPlan(type, name, rules)]));
    plans.set(type, plan);
  }
  return plan;
}

/** One rule of class-validator, as far as it is read here. */
interface Rule {
  type: string;
  name?: string;
  constraints?: unknown[];
  constraintCls?: object;
  each: boolean;
}

const rulesOf = (type: InputClass): Map<string, Rule[]> =>
  Map.groupBy<string, Rule & { propertyName: string }>(
    getMetadataStorage().getTargetValidationMetadatas(type, '', false, false),
    ({ propertyName }) => propertyName,
  );

function memberPlan(type: InputClass, name: string, rules: readonly Rule[]): MemberPlan {
  refuseAsynchronous(type, name, rules);
  const converted: unknown = defaultMetadataStorage.findTypeMetadata(type, name)?.typeFunction();
  return {
    name,
    maxItems: rules.some(isOfList) ? maxItemsOf(rules) : undefined,
    nested: rules.some((rule) => rule.type === 'nestedValidation') ? nestedClass(type, name, converted) : undefined,
    number: converted !== Number ? undefined : has(rules, 'isNumber') ? 'fraction' : 'integer',
    isId: has(rules, 'isUuid'),
    text: boundsOf(rules),
    transforms: defaultMetadataStorage.findTransformMetadatas(type, name, TransformationType.PLAIN_TO_CLASS),
    conditions: rules
      .filter((rule) => rule.type === 'conditionalValidation')
      .map(({ constraints }) => conditionIn(constraints)),
  };
}

const has = (rules: readonly Rule[], name: string): boolean => rules.some((rule) => rule.name === name);

/** @returns the smallest number that the rules of that name give at that place. */
function numberIn(rules: readonly Rule[], name: string, place = 0): number | undefined {
  const numbers = rules
    .filter((rule) => rule.name === name)
    .map(({ constraints }) => constraints?.[place])
    .filter((number) => typeof number === 'number');
  return numbers.length > 0 ? Math.min(...numbers) : undefined;
}

const isOfList = ({ each, name = '' }: Rule): boolean => each || name === 'isArray' || name.startsWith('array');

/** A list of different ones can't be longer than there are. */
function maxItemsOf(rules: readonly Rule[]): number {
  const [values] = rules.find(({ name, each }) => name === 'isIn' && each)?.constraints ?? [];
  const different = has(rules, 'arrayUnique') && Array.isArray(values) ? values.length : undefined;
  return numberIn(rules, 'arrayMaxSize') ?? different ?? MAX_ITEMS;
}

function boundsOf(rules: readonly Rule[]): TextBounds {
  const minLength = numberIn(rules, 'minLength') ?? numberIn(rules, 'isLength') ?? 0;
  return {
    minLength,
    maxLength: numberIn(rules, 'maxLength') ?? numberIn(rules, 'isLength', 1),
    isRequired: minLength > 0 || has(rules, 'isNotEmpty') || rules.some(refusesEmpty),
  };
}

/** What may not be empty may not be blank. */
const refusesEmpty = ({ name, constraints: [pattern] = [] }: Rule): boolean =>
  name === 'matches' && pattern instanceof RegExp && !new RegExp(pattern.source, pattern.flags).test('');

function conditionIn([condition]: unknown[] = []): (object: object, value: unknown) => boolean {
  if (typeof condition !== 'function') return () => true;
  return (object, value) => Boolean(Reflect.apply(condition, undefined, [object, value]));
}

function nestedClass(type: InputClass, name: string, nested: unknown): InputClass {
  if (isClass(nested)) return nested;
  throw new Error(`${type.name}.${name} is @ValidateNested(): say by @Type(() => …) which class it is of`);
}

const isClass = (value: unknown): value is InputClass => typeof value === 'function' && value.prototype !== undefined;

/** They would be passed over, without a word: validators run at once. */
function refuseAsynchronous(type: InputClass, name: string, rules: readonly Rule[]): void {
  const constraints = rules.flatMap(({ constraintCls }) =>
    typeof constraintCls === 'function' ? getMetadataStorage().getTargetValidatorConstraints(constraintCls) : [],
  );
  if (constraints.some(({ async }) => async)) {
    throw new Error(`${type.name}.${name} has an asynchronous validator: check it in the service`);
  }
}
