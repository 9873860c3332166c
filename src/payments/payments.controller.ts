import { Body, Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { Idempotent } from '../common/http/idempotency/idempotent.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Owner, Permit } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { ReadOrders, WriteOrders } from '../orders/orders.permissions.js';
import { CapturePaymentDto, PayOrderDto, RefundOrderDto } from './dto/payment-input.dto.js';
import { OrderPaymentsQuery } from './dto/payment-query.dto.js';
import { PaymentDto, PaymentPage } from './dto/payment.dto.js';
import {
  OrderNotPayable,
  PaymentDeclined,
  PaymentInProgress,
  PaymentNotAuthorized,
  PaymentsClosed,
  PaymentUnresolved,
  RefundDeclined,
  RefundTooLarge,
} from './payments.errors.js';
import { WriteRefunds } from './payments.permissions.js';
import { PaymentsService } from './payments.service.js';
import { RefundsService } from './refunds.service.js';

@About('How orders are paid and refunded.')
@Controller('orders/:id')
export class PaymentsController {
  constructor(
    private readonly payments: PaymentsService,
    private readonly refunds: RefundsService,
  ) {}

  /**
   * Pays an order. 202 when the outcome is not known yet: then the shop asks the provider again, at `nextCheckAt` next, and the same
   * request sent again returns the payment as it is.
   */
  @Post('payments')
  @Owner(WriteOrders)
  @Idempotent({ phased: true })
  @Problems(PaymentDeclined, OrderNotPayable, PaymentInProgress, PaymentUnresolved, PaymentsClosed)
  pay(
    @Param('id', IdPipe) id: string,
    @Body() payment: PayOrderDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentDto> {
    return this.payments.pay(id, payment, caller);
  }

  /** Lists the payments of an order, with captures, voids and refunds, the first one first. */
  @Get('payments')
  @Owner(ReadOrders)
  list(
    @Param('id', IdPipe) id: string,
    @Query() query: OrderPaymentsQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentPage> {
    return this.payments.list(id, query, caller);
  }

  /** Returns a payment of an order. */
  @Get('payments/:paymentId')
  @Owner(ReadOrders)
  read(
    @Param('id', IdPipe) id: string,
    @Param('paymentId', IdPipe) paymentId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentDto> {
    return this.payments.read(id, paymentId, caller);
  }

  /** Captures an authorized payment: all of it, or less. */
  @Post('payments/:paymentId/captures')
  @Permit(WriteOrders)
  @Idempotent({ phased: true })
  @Problems(PaymentDeclined, PaymentNotAuthorized, PaymentInProgress, PaymentUnresolved)
  @Header('location', '../../payments/{id}')
  capture(
    @Param('id', IdPipe) id: string,
    @Param('paymentId', IdPipe) paymentId: string,
    @Body() capture: CapturePaymentDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentDto> {
    return this.payments.capture(id, paymentId, capture, caller);
  }

  /** Refunds some lines of an order, or an amount: never more than was captured. Lines go back into stock, unless `restock` is false. */
  @Post('refunds')
  @HttpCode(201)
  @Permit(WriteRefunds)
  @Idempotent({ phased: true })
  @Problems(RefundDeclined, RefundTooLarge)
  @Header('location', './payments/{id}')
  refund(
    @Param('id', IdPipe) id: string,
    @Body() refund: RefundOrderDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentDto> {
    return this.refunds.refund(id, refund, caller);
  }
}
