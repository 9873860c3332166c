import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Transactions } from '../common/database/transactions.js';
import { type ExpectedVersions, requireVersion } from '../common/database/versions.js';
import { AppError } from '../common/errors/app-error.js';
import { NotFound, ValidationFailed } from '../common/errors/errors.js';
import { EventsService } from '../common/events/events.service.js';
import { mapPage, Pages } from '../common/http/paging/pages.js';
import type { MoneyDto } from '../common/money/money.dto.js';
import type { Caller } from '../common/security/caller.js';
import type { CreateShippingMethodDto, UpdateShippingMethodDto } from './dto/shipping-method-input.dto.js';
import {
  type ShippingMethodDto,
  type ShippingMethodPage,
  type ShippingMethodQuery,
  toShippingMethodDto,
} from './dto/shipping-method.dto.js';
import type { ShippingMethod } from './entities/shipping-method.entity.js';
import { ShippingMethodCreated, ShippingMethodDeleted, ShippingMethodUpdated } from './shipping-methods.events.js';
import { ShippingMethodsRepository } from './shipping-methods.repository.js';

/** The ways to send an order. */
@Injectable()
export class ShippingMethodsService {
  constructor(
    private readonly methods: ShippingMethodsRepository,
    private readonly events: EventsService,
    private readonly transactions: Transactions,
    private readonly pages: Pages,
  ) {}

  /** One page of the methods that the caller may see, by name. */
  async list(asked: ShippingMethodQuery, caller?: Caller): Promise<ShippingMethodPage> {
    return mapPage(await this.methods.readPage(this.pages.open(asked), caller), toShippingMethodDto);
  }

  /** @throws AppError 404 for what is not there, or is not active and not the caller's to see. */
  async read(id: string, caller?: Caller): Promise<ShippingMethodDto> {
    const row = await this.methods.find(id, caller);
    if (!row) throw notFound(id);
    return toShippingMethodDto(row);
  }

  /** The version of what {@link read} shows; undefined where that throws. */
  async versionOf(id: string, caller?: Caller): Promise<number | undefined> {
    return this.methods.findVersion(id, caller);
  }

  /** The method that an order can be sent by, as it is now; undefined for one that is not there or not active. */
  async findActive(id: string): Promise<ShippingMethodDto | undefined> {
    const row = await this.methods.find(id);
    return row && toShippingMethodDto(row);
  }

  /** @throws AppError 422 when `freeFrom` is in another currency than the price. */
  async create({
    name,
    price,
    countries,
    freeFrom = null,
    active = true,
  }: CreateShippingMethodDto): Promise<ShippingMethodDto> {
    requireCurrency(freeFrom, price.currency);
    return this.transactions.run(async () => {
      const row = await this.methods.insert(uuidv7(), {
        name,
        priceAmount: price.amount,
        priceCurrency: price.currency,
        countries,
        freeFrom: freeFrom?.amount ?? null,
        active,
      });
      this.events.publish(ShippingMethodCreated, row, row);
      return toShippingMethodDto(row);
    });
  }

  /** @throws AppError 404; 412 when it has changed; 422 when `freeFrom` would be in another currency than the price. */
  async update(id: string, change: UpdateShippingMethodDto, expected: ExpectedVersions): Promise<ShippingMethodDto> {
    return this.transactions.run(async () => {
      const method = await this.lock(id);
      requireVersion(expected, method.version);
      await this.methods.update(id, changesOf(method, change));
      // in the unit that holds its lock, the row is there
      const updated = toShippingMethodDto(await this.lock(id));
      if (updated.version !== method.version) this.events.publish(ShippingMethodUpdated, updated, updated);
      return updated;
    });
  }

  /** @throws AppError 404; 412 when it has changed. */
  async remove(id: string, expected: ExpectedVersions): Promise<void> {
    await this.transactions.run(async () => {
      const method = await this.lock(id);
      requireVersion(expected, method.version);
      await this.methods.delete(id);
      this.events.publish(ShippingMethodDeleted, { id, version: method.version + 1 }, method);
    });
  }

  private async lock(id: string): Promise<ShippingMethod> {
    const method = await this.methods.lock(id);
    if (!method) throw notFound(id);
    return method;
  }
}

/** The columns that a change writes. @throws AppError 422. */
function changesOf(
  method: ShippingMethod,
  { price, freeFrom, ...plain }: UpdateShippingMethodDto,
): Partial<ShippingMethod> {
  const currency = price?.currency ?? method.priceCurrency;
  const kept = method.freeFrom === null ? null : { amount: method.freeFrom, currency: method.priceCurrency };
  requireCurrency(freeFrom === undefined ? kept : freeFrom, currency);
  return {
    ...plain,
    ...(price && { priceAmount: price.amount, priceCurrency: price.currency }),
    ...(freeFrom !== undefined && { freeFrom: freeFrom?.amount ?? null }),
  };
}

/** @throws AppError 422: sums of different currencies are never compared. */
function requireCurrency(freeFrom: MoneyDto | null, currency: string): void {
  if (freeFrom === null || freeFrom.currency === currency) return;
  throw new AppError(ValidationFailed, 'The price and `freeFrom` are in different currencies.', {
    errors: [
      { pointer: '#/freeFrom/currency', code: 'currency', detail: `must be ${currency}, the currency of the price` },
    ],
  });
}

const notFound = (id: string): AppError => new AppError(NotFound, `There is no shipping method ${id}.`);
