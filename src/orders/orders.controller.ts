import { Body, Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { ExpectedVersions } from '../common/database/versions.js';
import { OptionalIfMatch } from '../common/http/conditional/conditional.js';
import { Versioned } from '../common/http/conditional/versioned.js';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Owner, Permit, SignedIn } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { OutOfStock } from '../inventory/inventory.errors.js';
import { CreateFulfillmentDto, FulfillmentDto, FulfillmentPage } from './dto/fulfillment.dto.js';
import { OrderEventPage } from './dto/order-event.dto.js';
import { CancelOrderDto, CreateOrderDto } from './dto/order-input.dto.js';
import { FulfillmentQuery, OrderEventQuery, OrderQuery } from './dto/order-query.dto.js';
import { OrderDto, OrderPage } from './dto/order.dto.js';
import { FulfillmentsService } from './fulfillments.service.js';
import {
  FulfillmentTooLarge,
  MixedCurrencies,
  OrderActionNotAllowed,
  OrderTooLarge,
  OrderTotalChanged,
  ProductNotSold,
  ShippingNotToCountry,
} from './orders.errors.js';
import { ReadOrders, WriteOrders } from './orders.permissions.js';
import { OrdersPlacingService } from './orders.placing.service.js';
import { OrdersService } from './orders.service.js';

@About('What customers buy: placed, paid and sent.')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly placing: OrdersPlacingService,
    private readonly fulfillments: FulfillmentsService,
  ) {}

  /** Lists orders, the newest first. */
  @Get()
  @Owner(ReadOrders)
  list(@Query() query: OrderQuery, @CurrentCaller() caller: Caller): Promise<OrderPage> {
    return this.orders.list(query, caller);
  }

  /** Returns an order. */
  @Get(':id')
  @Owner(ReadOrders)
  @Versioned(OrdersService)
  read(@Param('id', IdPipe) id: string, @CurrentCaller() caller: Caller): Promise<OrderDto> {
    return this.orders.read(id, caller);
  }

  /**
   * Creates an order: its stock is reserved until `expiresAt`, and it is confirmed once it is paid. The shop adds up what it costs; with
   * `expectedTotal` it is refused when it costs something else.
   */
  @Post()
  @SignedIn()
  @Idempotent({ required: true })
  @Problems(OutOfStock, ProductNotSold, OrderTotalChanged, MixedCurrencies, ShippingNotToCountry, OrderTooLarge)
  // eslint-disable-next-line stockroom/routes-declare-problems -- a new order is pending, and may be confirmed
  create(@Body() order: CreateOrderDto, @CurrentCaller() caller: Caller): Promise<OrderDto> {
    return this.placing.place(order, caller);
  }

  /** Lists what happened to an order, the oldest first. */
  @Get(':id/events')
  @Owner(ReadOrders)
  listEvents(
    @Param('id', IdPipe) id: string,
    @Query() query: OrderEventQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<OrderEventPage> {
    return this.orders.listEvents(id, query, caller);
  }

  /** Cancels an order of which nothing is sent. Its stock is returned, and what was paid for it is paid back. */
  @Post(':id/cancel')
  @HttpCode(200)
  @Owner(WriteOrders)
  @Problems(OrderActionNotAllowed)
  cancel(
    @Param('id', IdPipe) id: string,
    @OptionalIfMatch() expected: ExpectedVersions,
    @Body() cancellation: CancelOrderDto,
    @CurrentCaller() caller: Caller,
  ): Promise<OrderDto> {
    return this.orders.cancel(id, cancellation, expected, caller);
  }

  /** Lists the fulfillments of an order: its parcels, the oldest first. */
  @Get(':id/fulfillments')
  @Owner(ReadOrders)
  listFulfillments(
    @Param('id', IdPipe) id: string,
    @Query() query: FulfillmentQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<FulfillmentPage> {
    return this.fulfillments.list(id, query, caller);
  }

  /** Creates a fulfillment: records that units of an order were sent in one parcel. With the last ones the order is completed. */
  @Post(':id/fulfillments')
  @Permit(WriteOrders)
  @Idempotent()
  @Problems(OrderActionNotAllowed, FulfillmentTooLarge)
  @Header('location', './fulfillments')
  createFulfillment(
    @Param('id', IdPipe) id: string,
    @OptionalIfMatch() expected: ExpectedVersions,
    @Body() fulfillment: CreateFulfillmentDto,
    @CurrentCaller() caller: Caller,
  ): Promise<FulfillmentDto> {
    return this.fulfillments.create(id, fulfillment, expected, caller);
  }
}
