import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import sql, { raw, type Sql } from 'sql-template-tag';
import { Repository } from 'typeorm';
import { collated } from '../common/database/keyset.js';
import { declareLock } from '../common/database/locks.js';
import { queryShared, runForRow } from '../common/database/statements.js';
import { type AskedList, type Page, Pages } from '../common/http/paging/pages.js';
import type { Caller } from '../common/security/caller.js';
import type { ShippingMethodQuery } from './dto/shipping-method.dto.js';
import { ShippingMethod } from './entities/shipping-method.entity.js';
import { seesInactiveMethods } from './shipping-methods.permissions.js';

/** What the application writes of a shipping method. */
export type WrittenMethod = Pick<
  ShippingMethod,
  'name' | 'priceAmount' | 'priceCurrency' | 'countries' | 'freeFrom' | 'active'
>;

/** Who reads shipping methods. */
type Reader = Pick<Caller, 'permissions'>;

const COLUMNS = raw(`
  m.id, m.name, m.price_amount AS "priceAmount", m.price_currency AS "priceCurrency", m.countries,
  m.free_from AS "freeFrom", m.active, m.version, m.created_at AS "createdAt", m.updated_at AS "updatedAt"`);

/** The rows of shipping methods, and all SQL about them. */
@Injectable()
export class ShippingMethodsRepository {
  constructor(
    @InjectRepository(ShippingMethod) private readonly rows: Repository<ShippingMethod>,
    private readonly pages: Pages,
  ) {}

  /** One page of the methods that the reader may see, by name. */
  async readPage(list: AskedList<ShippingMethodQuery>, reader?: Reader): Promise<Page<ShippingMethod>> {
    const { country, active } = list.query;
    return this.pages.read<ShippingMethod>(this.rows.manager, list, {
      columns: COLUMNS,
      from: raw('shipping_methods m'),
      where: [
        isVisible(reader),
        ...(country === undefined ? [] : [sql`m.countries @> ARRAY[${country}]::text[]`]),
        ...(active === undefined ? [] : [sql`m.active = ${active}`]),
      ],
      id: raw('m.id'),
      sort: { expression: collated(raw('m.name')), type: 'text', descending: false },
    });
  }

  /** A method that the reader may see. */
  async find(id: string, reader?: Reader): Promise<ShippingMethod | undefined> {
    const [row] = await queryShared<ShippingMethod>(
      this.rows.manager,
      sql`SELECT ${COLUMNS} FROM shipping_methods m WHERE m.id = ${id} AND ${isVisible(reader)}`,
    );
    return row;
  }

  /** The version of a method that the reader may see. */
  async findVersion(id: string, reader?: Reader): Promise<number | undefined> {
    const [row] = await queryShared<{ version: number }>(
      this.rows.manager,
      sql`SELECT m.version FROM shipping_methods m WHERE m.id = ${id} AND ${isVisible(reader)}`,
    );
    return row?.version;
  }

  /** Locks a row until the end of the transaction. */
  async lock(id: string): Promise<ShippingMethod | null> {
    declareLock('own row');
    return this.rows.findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async insert(
    id: string,
    { name, priceAmount, priceCurrency, countries, freeFrom, active }: WrittenMethod,
  ): Promise<ShippingMethod> {
    return runForRow(
      this.rows.manager,
      sql`INSERT INTO shipping_methods AS m (id, name, price_amount, price_currency, countries, free_from, active)
          VALUES (${id}, ${name}, ${priceAmount}, ${priceCurrency}, ${countries}, ${freeFrom}, ${active})
          RETURNING ${COLUMNS}`,
    );
  }

  async update(id: string, change: Partial<WrittenMethod>): Promise<void> {
    await this.rows.update(id, change);
  }

  async delete(id: string): Promise<void> {
    await this.rows.delete(id);
  }
}

const isVisible = (reader: Reader | undefined): Sql => (seesInactiveMethods(reader) ? sql`true` : sql`m.active`);
