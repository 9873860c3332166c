import { OmitType, PartialType } from '@nestjs/swagger';
import { Transform, type TransformFnParams, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsDefined,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { type Attributes, type AttributesPatch, IsAttributes } from '../../common/attributes/attributes.js';
import { MoneyChangeDto, MoneyDto } from '../../common/money/money.dto.js';
import { PRODUCT_STATUSES, type ProductStatus } from '../entities/product.entity.js';

const trimmed = ({ value }: TransformFnParams): unknown => (typeof value === 'string' ? value.trim() : value);

const nullIfEmpty = ({ value }: TransformFnParams): unknown => (value === '' ? null : value);

/** What a new product is made of. */
export class CreateProductDto {
  /**
   * The shop's own code: letters from A to Z, digits, `.`, `_`, `-` and `/`; unique without case. Spaces around it are left out.
   * @example LANT-RED-01
   */
  @Transform(trimmed)
  @IsString()
  @MaxLength(64)
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, {
    message:
      '$property must begin with a letter from A to Z or a digit, and have only such letters, digits, dots, hyphens, underscores and slashes',
  })
  sku: string;

  /** @example "Red Metal Lantern" */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  name: string;

  /**
   * An empty text is null.
   * @example "A lantern of painted iron, for a tea light."
   */
  @Transform(nullIfEmpty)
  @IsOptional()
  @IsString()
  @MaxLength(5000)
  description?: string | null;

  @IsDefined()
  @ValidateNested()
  @Type(() => MoneyDto)
  price: MoneyDto;

  /**
   * The categories of the product; it is also found in their parents.
   * @example []
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  categoryIds?: string[];

  /** Facts beyond the common ones. */
  @ValidateIf((_, value) => value !== undefined)
  @IsAttributes()
  attributes?: Attributes;

  /**
   * Customers see active products alone.
   * @example active
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsIn(PRODUCT_STATUSES)
  status?: ProductStatus;
}

/** What a change says in another way than a new product does. */
const REPLACED = ['description', 'price', 'attributes'] as const;

/** What may be changed of a product: a JSON Merge Patch. */
export class UpdateProductDto extends PartialType(OmitType(CreateProductDto, REPLACED), { skipNullProperties: false }) {
  /** Null or an empty text removes it. */
  @Transform(nullIfEmpty)
  @IsOptional()
  @IsString()
  @MaxLength(5000)
  description?: string | null;

  @ValidateIf((_, value) => value !== undefined)
  @ValidateNested()
  @Type(() => MoneyChangeDto)
  price?: MoneyChangeDto;

  /** Merged with those there are; null removes one. */
  @ValidateIf((_, value) => value !== undefined)
  @IsAttributes({ patch: true })
  attributes?: AttributesPatch;
}
