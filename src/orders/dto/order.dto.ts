import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsUUID, MaxLength, Min } from 'class-validator';
import { PageOf } from '../../common/http/paging/page.dto.js';
import { MoneyDto } from '../../common/money/money.dto.js';
import { IsDateTime } from '../../common/time/date-time.js';
import type { OrderLine } from '../entities/order-line.entity.js';
import { FULFILLMENT_STATUSES, type FulfillmentStatus, type Order } from '../entities/order.entity.js';
import { ORDER_STATUSES, type OrderStatus } from '../orders.machine.js';
import { PAYMENT_STATUSES, type PaymentStatus } from '../orders.payment-status.js';

/** What is ordered of one product, as the order keeps it. */
export class OrderItemDto {
  /** The id of the line: what fulfillments and refunds name. */
  @IsUUID()
  id: string;

  /** The product, which may be deleted by now. */
  @IsUUID()
  productId: string;

  /** @example LANT-RED-01 */
  @MaxLength(64)
  sku: string;

  /** @example "Red Metal Lantern" */
  @MaxLength(200)
  name: string;

  /** @example 2 */
  @Min(1)
  quantity: number;

  unitPrice: MoneyDto;

  total: MoneyDto;

  /**
   * How many of them are sent.
   * @example 0
   */
  fulfilledQuantity: number;

  /**
   * For how many of them the money was paid back.
   * @example 0
   */
  refundedQuantity: number;
}

/** How an order is sent, and what that costs. */
export class OrderShippingDto {
  /** The id of the line. */
  @IsUUID()
  id: string;

  /** The shipping method, which may be deleted by now. */
  @IsUUID()
  methodId: string | null;

  /** @example "Standard delivery" */
  @MaxLength(120)
  name: string;

  total: MoneyDto;
}

/** Where an order goes. Name, phone and street are null, and the postcode is cut off, once the customer is erased. */
export class ShippingAddressDto {
  /** @example "Cleo Customer" */
  @MaxLength(100)
  name: string | null;

  /** @example "+44 20 7946 0000" */
  @MaxLength(40)
  phone: string | null;

  /** @example "1 Harbour Street" */
  @MaxLength(200)
  street: string | null;

  /** @example Bristol */
  @MaxLength(100)
  city: string;

  @MaxLength(100)
  region: string | null;

  /** @example "BS1 4RN" */
  @MaxLength(20)
  postcode: string | null;

  /** @example GB */
  @MaxLength(2)
  country: string;
}

/** An order as it goes out. */
export class OrderDto {
  /** @example 0198f3c2-7d0e-7a51-9b1e-3f1f6c2b8a10 */
  @IsUUID()
  id: string;

  /**
   * For people to read out; random.
   * @example 7K2M-93XD-Q0AB
   */
  @MaxLength(14)
  number: string;

  /** The user who pays for it. */
  @IsUUID()
  customerId: string;

  @ApiProperty({ enum: ORDER_STATUSES })
  status: OrderStatus;

  @ApiProperty({ enum: PAYMENT_STATUSES })
  paymentStatus: PaymentStatus;

  @ApiProperty({ enum: FULFILLMENT_STATUSES })
  fulfillmentStatus: FulfillmentStatus;

  @ArrayMaxSize(100)
  items: OrderItemDto[];

  /** Null when it is not sent. */
  shipping: OrderShippingDto | null;

  shippingAddress: ShippingAddressDto | null;

  /** The sum of all its lines. */
  total: MoneyDto;

  /** What was paid back. */
  refunded: MoneyDto;

  /** @example "PO-4711" */
  @MaxLength(100)
  reference: string | null;

  /** When it expires unless it is paid; null once it can not. */
  @IsDateTime()
  expiresAt: string | null;

  @Min(1)
  version: number;

  /** @example 2026-11-20T09:30:00.000Z */
  @IsDateTime()
  createdAt: string;

  @IsDateTime()
  updatedAt: string;
}

/** A page of orders. */
export class OrderPage extends PageOf(OrderDto) {}

/** An order with its lines, in their order. */
export interface OrderRow extends Order {
  lines: Omit<OrderLine, 'orderId' | 'position'>[];
}

export const toOrderDto = (row: OrderRow): OrderDto => {
  const money = (amount: number): MoneyDto => ({ amount, currency: row.currency });
  const shipping = row.lines.find(({ type }) => type === 'shipping');
  const { shippingAddress: address } = row;
  return {
    id: row.id,
    number: row.number,
    customerId: row.customerId,
    status: row.status,
    paymentStatus: row.paymentStatus,
    fulfillmentStatus: row.fulfillmentStatus,
    items: row.lines.filter(({ type }) => type === 'item').map((line) => toItemDto(line, money)),
    shipping: shipping
      ? { id: shipping.id, methodId: row.shippingMethodId, name: shipping.name, total: money(shipping.total) }
      : null,
    shippingAddress: address && {
      name: address.name,
      phone: address.phone,
      street: address.street,
      city: address.city,
      region: address.region,
      postcode: address.postcode,
      country: address.country,
    },
    total: money(row.total),
    refunded: money(row.refunded),
    reference: row.reference,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
};

const toItemDto = (line: OrderRow['lines'][number], money: (amount: number) => MoneyDto): OrderItemDto => ({
  id: line.id,
  // the table has both for each item
  productId: line.productId ?? '',
  sku: line.sku ?? '',
  name: line.name,
  quantity: line.quantity,
  unitPrice: money(line.unitAmount),
  total: money(line.total),
  fulfilledQuantity: line.fulfilledQuantity,
  refundedQuantity: line.refundedQuantity,
});
