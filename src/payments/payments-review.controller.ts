import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Problems } from '../common/http/errors/problems.decorator.js';
import { IdPipe } from '../common/http/input/validation.pipe.js';
import { About } from '../common/openapi/about.js';
import { Permit } from '../common/security/access.js';
import { type Caller, CurrentCaller } from '../common/security/caller.js';
import { OrderActionNotAllowed } from '../orders/orders.errors.js';
import { WriteOrders } from '../orders/orders.permissions.js';
import { ResolvePaymentDto } from './dto/payment-input.dto.js';
import { PaymentListQuery } from './dto/payment-query.dto.js';
import { PaymentDto, PaymentPage } from './dto/payment.dto.js';
import { PaymentResolved } from './payments.errors.js';
import { PaymentsService } from './payments.service.js';

@About('The payments of all orders, as staff see them.')
@Controller('payments')
export class PaymentsReviewController {
  constructor(private readonly payments: PaymentsService) {}

  /** Lists payments, the newest first: with `state=needs_review` those that somebody has to look at. */
  @Get()
  @Permit(WriteOrders)
  list(@Query() query: PaymentListQuery): Promise<PaymentPage> {
    return this.payments.listAll(query);
  }

  /** Resolves a payment whose outcome is unknown, once somebody has looked it up at the provider. */
  @Post(':id/resolve')
  @HttpCode(200)
  @Permit(WriteOrders)
  @Problems(PaymentResolved, OrderActionNotAllowed)
  resolve(
    @Param('id', IdPipe) id: string,
    @Body() resolution: ResolvePaymentDto,
    @CurrentCaller() caller: Caller,
  ): Promise<PaymentDto> {
    return this.payments.resolve(id, resolution, caller);
  }
}
