import { IntersectionType, OmitType, PartialType, PickType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { MAX_DEPTH, MAX_NAME } from '../../categories/dto/category.dto.js';
import { IsAttributes } from '../../common/attributes/attributes.js';
import { MAX_PHOTOS } from '../../products/dto/product-photo.dto.js';
import { CreateProductDto } from '../../products/dto/product-input.dto.js';
import { namesIn } from '../reader.paths.js';

/** How long the name or the URL of a photo may be, in characters. */
const MAX_SOURCE = 2000;

const ArePaths = (): PropertyDecorator =>
  ValidateBy({
    name: 'path',
    validator: {
      validate: (paths: unknown) =>
        Array.isArray(paths) && paths.every((path) => typeof path === 'string' && isPath(path)),
      defaultMessage: () =>
        `$property must be paths such as Home & Garden > Lanterns: at most ${String(MAX_DEPTH)} names of 1 to ${String(MAX_NAME)} characters each; write \\> for a > in a name`,
    },
  });

function isPath(path: string): boolean {
  const names = namesIn(path);
  return names.length <= MAX_DEPTH && names.every((name) => name.length >= 1 && name.length <= MAX_NAME);
}

const wrongStock = ({ value }: ValidationArguments): string =>
  typeof value === 'string'
    ? `${value.slice(0, 40)} is not a whole number: write digits only`
    : '$property must be an integer number';

/** What only a new product must have. */
const FOR_NEW = ['name', 'price'] as const;

/** One line of an import: a product, found by its SKU. What it leaves out stays as it is. */
export class ImportProductDto extends IntersectionType(
  OmitType(CreateProductDto, ['categoryIds', 'attributes', ...FOR_NEW]),
  PartialType(PickType(CreateProductDto, FOR_NEW), { skipNullProperties: false }),
) {
  /**
   * Paths of names, from the top down, with at most 8 names each. Names are compared without case; categories that don't exist are
   * created. A `>` in a name is written `\>`, a `|` is written `\|`, and a backslash before one of these, or at the end, twice.
   * @example ["Home & Garden > Lanterns"]
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @ArePaths()
  categories?: string[];

  /**
   * How many units are in stock.
   * @example 120
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsInt({ message: wrongStock })
  @Min(0)
  @Max(1_000_000_000)
  stock?: number;

  /** Merged with those there are; null removes one. */
  @ValidateIf((_, value) => value !== undefined)
  @IsAttributes({ patch: true })
  attributes?: Record<string, string | number | boolean | null>;
}

/** A line of an import that may bring photos with it. */
export class ImportProductWithPhotosDto extends ImportProductDto {
  /**
   * Names of files, or URLs: photos that are added behind those that the product has.
   * @example ["lantern-front.jpg", "https://pictures.example/lantern-back.jpg"]
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(MAX_PHOTOS)
  @IsString({ each: true })
  @Length(1, MAX_SOURCE, { each: true })
  photos?: string[];
}
