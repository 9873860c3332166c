import { Injectable, NotFoundException } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import slugify from '@sindresorhus/slugify';
import { In, Repository, type SelectQueryBuilder } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { HAS_WORDS, isBelow, RELEVANCE, tiersOf } from '../search.js';
import { Category, Product } from './entities.js';
import type { CreateProductDto, ProductQueryDto } from './products.dto.js';

export interface ProductPage {
  data: Product[];
  page: { limit: number; next: string | null };
}

/** What is shown of a product with it. */
const ITS_RELATIONS = { categories: true, level: true, productPhotos: { photo: true } } as const;

@Injectable()
export class ProductsService {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @InjectRepository(Category) private readonly categories: Repository<Category>,
  ) {}

  async findOne(id: string): Promise<Product> {
    const product = await this.products.findOne({ where: { id }, relations: ITS_RELATIONS });
    if (!product) throw new NotFoundException();
    return product;
  }

  async findActive(id: string): Promise<Product> {
    const product = await this.findOne(id);
    if (product.status !== 'active') throw new NotFoundException();
    return product;
  }

  async findAll(query: ProductQueryDto): Promise<ProductPage> {
    const { limit, cursor, q, categoryId, minPrice, maxPrice, sort } = query;
    const found =
      q !== undefined
        ? await this.search(query)
        : [categoryId, minPrice, maxPrice, sort].some((filter) => filter !== undefined)
          ? await this.filter(query)
          : await this.products.find({
              where: { status: 'active' },
              relations: ITS_RELATIONS,
              order: { createdAt: 'DESC', id: 'DESC' },
              skip: cursor,
              take: limit + 1,
            });
    const next = found.length > limit ? String(cursor + limit) : null;
    return { data: found.slice(0, limit), page: { limit, next } };
  }

  async create({ price, categoryIds = [], ...rest }: CreateProductDto): Promise<Product> {
    const id = uuidv7();
    const product = this.products.create({
      attributes: {},
      status: 'active',
      ...rest,
      id,
      slug: `${slugify(rest.name)}-${id.slice(-8)}`,
      priceAmount: price.amount,
      priceCurrency: price.currency,
      level: { onHand: 0, reserved: 0 },
      productPhotos: [],
      categories: await this.categories.findBy({ id: In(categoryIds) }),
    });
    return this.products.save(product);
  }

  private filter(query: ProductQueryDto): Promise<Product[]> {
    const builder = this.narrowed(query)
      .innerJoinAndSelect('p.level', 'level')
      .leftJoinAndSelect('p.categories', 'category')
      .leftJoinAndSelect('p.productPhotos', 'productPhoto')
      .leftJoinAndSelect('productPhoto.photo', 'photo');
    if (query.sort === 'price') builder.orderBy('p.priceAmount', 'ASC').addOrderBy('p.id', 'ASC');
    else builder.orderBy('p.createdAt', 'DESC').addOrderBy('p.id', 'DESC');
    return builder
      .skip(query.cursor)
      .take(query.limit + 1)
      .getMany();
  }

  /** The ids in their order first: `take` with a join can't order by an expression. */
  private async search(query: ProductQueryDto & { q?: string }): Promise<Product[]> {
    const { q = '' } = query;
    let builder = this.narrowed(query).innerJoin(tiersOf(':q'), 'sought', 'true', { q }).andWhere(HAS_WORDS);
    if (await builder.getExists()) {
      builder.select('p.id', 'id').addSelect(RELEVANCE, 'relevance').orderBy('relevance', 'DESC');
    } else {
      builder = this.narrowed(query)
        .select('p.id', 'id')
        .innerJoin('(SELECT * FROM products_similar_to(:q, false, 500))', 's', 's.id = p.id', { q })
        .orderBy('s.similarity', 'DESC');
    }
    const ranked = await builder
      .addOrderBy('p.id', 'DESC')
      .offset(query.cursor)
      .limit(query.limit + 1)
      .getRawMany<{ id: string }>();
    const ids = ranked.map(({ id }) => id);
    const found = await this.products.find({ where: { id: In(ids) }, relations: ITS_RELATIONS });
    return found.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  }

  private narrowed({ categoryId, minPrice, maxPrice }: ProductQueryDto): SelectQueryBuilder<Product> {
    const builder = this.products.createQueryBuilder('p').where('p.status = :status', { status: 'active' });
    if (minPrice !== undefined) builder.andWhere('p.priceAmount >= :minPrice', { minPrice });
    if (maxPrice !== undefined) builder.andWhere('p.priceAmount <= :maxPrice', { maxPrice });
    if (categoryId !== undefined) builder.andWhere(isBelow(':categoryId'), { categoryId });
    return builder;
  }
}
