import { ApiProperty, OmitType, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { lengthOf } from '../../common/text/text.js';
import {
  MAX_MEMBERS,
  MAX_OPTION_NAME,
  MAX_OPTION_VALUE,
  MAX_OPTIONS,
  OPTIONS_SCHEMA,
} from '../../products/dto/product-variants.dto.js';

/** A name of an option: no `:`, which is between it and a value in filters, and no `_` in front. */
const OPTION_NAME = /^[^\s:_][^:]*$/;

/** What is wrong with the names of a family's options, if something is; for what does not come by the API. */
export function faultOfOptions(names: readonly string[]): string | undefined {
  const isName = (name: string): boolean => OPTION_NAME.test(name) && lengthOf(name) <= MAX_OPTION_NAME;
  if (names.length === 0 || names.length > MAX_OPTIONS) return `must have 1 to ${String(MAX_OPTIONS)} options`;
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) return 'must not have an option twice';
  return names.every(isName)
    ? undefined
    : `must have options with names of 1 to ${String(MAX_OPTION_NAME)} characters, without ":"`;
}

/** Reads the values of a member: a text for each option. Which options there are, the family says. */
export function IsOptionValues(): PropertyDecorator {
  const isText = (text: unknown, most: number): boolean =>
    typeof text === 'string' && text.trim() !== '' && lengthOf(text) <= most;
  const validate = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length <= MAX_OPTIONS &&
    Object.entries(value).every(([name, member]) => isText(name, MAX_OPTION_NAME) && isText(member, MAX_OPTION_VALUE));
  const documented = ApiProperty(OPTIONS_SCHEMA);
  const validated = ValidateBy({
    name: 'isOptionValues',
    validator: {
      validate,
      defaultMessage: () =>
        `$property must be a text of 1 to ${String(MAX_OPTION_VALUE)} characters for each option of the family`,
    },
  });
  return (target, name) => {
    documented(target, name);
    validated(target, name);
  };
}

/** The values that a product has as a member. */
export class PutMemberDto {
  @IsOptionValues()
  options: Record<string, string>;
}

/** A product as a member of a family. */
export class MemberDto extends PutMemberDto {
  @IsUUID()
  productId: string;
}

/** What a new family is made of. */
export class CreateProductFamilyDto {
  /**
   * The shop's own code for it; unique.
   * @example null
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  code?: string | null;

  /** @example "Harbour T-shirt" */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  name: string;

  /**
   * The names of what the members differ in, 1 to 3, in order.
   * @example ["Size", "Colour"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_OPTIONS)
  @ArrayUnique((name: unknown) => (typeof name === 'string' ? name.toLowerCase() : name))
  @IsString({ each: true })
  @MaxLength(MAX_OPTION_NAME, { each: true })
  @Matches(OPTION_NAME, {
    each: true,
    message: 'each of $property must begin with a letter or a digit, and have no ":"',
  })
  options: string[];

  /**
   * All members, each with a value for every option. No two have the same values, and each product is in one family at most.
   * @example []
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(MAX_MEMBERS)
  @ValidateNested({ each: true })
  @Type(() => MemberDto)
  members?: MemberDto[];
}

/**
 * What may be changed of a family: a JSON Merge Patch. Other options go with all `members`, which have other values then; in another
 * order they go without.
 */
export class UpdateProductFamilyDto extends PartialType(OmitType(CreateProductFamilyDto, ['code']), {
  skipNullProperties: false,
}) {
  /** Null removes it. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  code?: string | null;
}
