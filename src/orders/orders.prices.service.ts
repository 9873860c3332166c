import { Injectable } from '@nestjs/common';
import { AppError, type ErrorKind, type Fault } from '../common/errors/app-error.js';
import { ValidationFailed } from '../common/errors/errors.js';
import type { Caller } from '../common/security/caller.js';
import { seesHiddenProducts } from '../products/products.permissions.js';
import { type ProductForOrder, ProductsService } from '../products/products.service.js';
import type { ShippingMethodDto } from '../shipping-methods/dto/shipping-method.dto.js';
import { ShippingMethodsService } from '../shipping-methods/shipping-methods.service.js';
import type { CreateOrderDto } from './dto/order-input.dto.js';
import type { OrderLine } from './entities/order-line.entity.js';
import { MixedCurrencies, ProductNotSold, ShippingNotToCountry } from './orders.errors.js';
import { itemsTotalOf, mergeItems, shippingAmountOf } from './orders.totals.js';

/** A line as it is priced, before it is a row. */
type PricedLine = Pick<OrderLine, 'type' | 'productId' | 'sku' | 'name' | 'quantity' | 'unitAmount'>;

/** What is asked for, at the prices of now. */
export interface PricedOrder {
  currency: string;
  lines: PricedLine[];
  /** The units of each product. */
  quantities: { productId: string; quantity: number }[];
}

/** An item with its product, and where it stands in what was sent. */
interface Item {
  at: number;
  productId: string;
  quantity: number;
  unitAmount: number;
  currency: string;
  product: ProductForOrder;
}

/** What orders cost: prices of products and of shipping, which are the shop's and never the client's. */
@Injectable()
export class OrdersPricesService {
  constructor(
    private readonly products: ProductsService,
    private readonly methods: ShippingMethodsService,
  ) {}

  /** @throws AppError 422, 409: see each of the errors. */
  async priceOf(asked: CreateOrderDto, caller: Caller): Promise<PricedOrder> {
    const items = await this.itemsOf(asked, caller);
    const currency = items[0]?.currency ?? '';
    const method = await this.methodOf(asked);
    requireOneCurrency(currency, items, method);
    const lines = mergeItems(items).map(({ product, quantity, unitAmount }): PricedLine => ({
      type: 'item',
      productId: product.id,
      sku: product.sku,
      name: product.name,
      quantity,
      unitAmount,
    }));
    const unitAmount = method && shippingAmountOf(method, itemsTotalOf(lines));
    return {
      currency,
      lines:
        method && unitAmount !== undefined
          ? [...lines, { type: 'shipping', productId: null, sku: null, name: method.name, quantity: 1, unitAmount }]
          : lines,
      quantities: mergeItems(items.map(({ productId, quantity }) => ({ productId, quantity }))),
    };
  }

  /** @throws AppError 422 for products that are not there, 409 for those that are not sold. */
  private async itemsOf({ items }: CreateOrderDto, caller: Caller): Promise<Item[]> {
    const products = await this.products.findForOrder(items.map(({ productId }) => productId));
    const faultsOf = (code: string, detail: string, isWrong: (product?: ProductForOrder) => boolean): Fault[] =>
      items.flatMap(({ productId }, at) =>
        isWrong(products.get(productId)) ? [{ pointer: `#/items/${String(at)}/productId`, code, detail }] : [],
      );
    // a draft is shown to staff alone: for others there is no such product
    const isHidden = (product?: ProductForOrder): boolean =>
      !product || (product.status === 'draft' && !seesHiddenProducts(caller));
    refuse(ValidationFailed, 'Some of the products do not exist.', faultsOf('exists', 'must be there', isHidden));
    refuse(
      ProductNotSold,
      'Some of the products are not sold.',
      faultsOf('sold', 'is not sold: take it out of the order', (product) => product?.status !== 'active'),
    );
    return items.flatMap(({ productId, quantity, unitPrice }, at) => {
      const product = products.get(productId);
      if (!product) return [];
      const { amount, currency } = unitPrice ?? { amount: product.priceAmount, currency: product.priceCurrency };
      return [{ at, productId, quantity, unitAmount: amount, currency, product }];
    });
  }

  /** @throws AppError 422 for a method that is not there, comes without an address, or does not go to its country. */
  private async methodOf({
    shippingMethodId,
    shippingAddress,
  }: CreateOrderDto): Promise<ShippingMethodDto | undefined> {
    if (shippingMethodId == null) return undefined;
    if (!shippingAddress) {
      const detail = 'must be sent with shippingMethodId';
      throw new AppError(ValidationFailed, 'There is no address to send the order to.', {
        errors: [{ pointer: '#/shippingAddress', code: 'required', detail }],
      });
    }
    const method = await this.methods.findActive(shippingMethodId);
    if (!method) {
      throw new AppError(ValidationFailed, 'The shipping method does not exist.', {
        errors: [{ pointer: '#/shippingMethodId', code: 'exists', detail: 'must be there, and be active' }],
      });
    }
    const { country } = shippingAddress;
    if (method.countries.includes(country)) return method;
    throw new AppError(ShippingNotToCountry, `“${method.name}” does not go to ${country}.`, {
      errors: [{ pointer: '#/shippingMethodId', code: 'country', detail: `must be a method that goes to ${country}` }],
    });
  }
}

function refuse(kind: ErrorKind, detail: string, errors: Fault[]): void {
  if (errors.length > 0) throw new AppError(kind, detail, { errors });
}

/** @throws AppError 422 naming what is in another currency than the first item. */
function requireOneCurrency(currency: string, items: readonly Item[], method: ShippingMethodDto | undefined): void {
  const others = items.filter((item) => item.currency !== currency);
  const fault = (pointer: string, other: string): Fault => ({
    pointer,
    code: 'currency',
    detail: `must have a price in ${currency}, as the first item; it is in ${other}`,
  });
  const errors = others.map((item) => fault(`#/items/${String(item.at)}`, item.currency));
  if (method && method.price.currency !== currency) errors.push(fault('#/shippingMethodId', method.price.currency));
  if (errors.length > 0) {
    throw new AppError(MixedCurrencies, `The order has prices in other currencies than ${currency}.`, { errors });
  }
}
