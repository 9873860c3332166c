import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Idempotent } from '../../src/common/http/idempotency/idempotent.js';
import { Deprecated } from '../../src/common/http/pipeline/deprecated.js';
import { Public, SignedIn } from '../../src/common/security/access.js';
import { Clock } from '../../src/common/time/clock.js';
import { ReceiptDto, SaleDto, TillQuery } from './till.dto.js';

/** A route that requires an Idempotency-Key, and answers more than JSON has: a time. */
@Controller('sales')
class TillController {
  constructor(private readonly clock: Clock) {}

  /** Sells something. */
  @Post()
  @SignedIn()
  @Idempotent({ required: true })
  sell(@Body() { amount }: SaleDto, @Query() { till }: TillQuery): ReceiptDto {
    return { id: uuidv7(), amount, till: till ?? null, soldAt: this.clock.now() };
  }

  /** Shows a sale as one did before. */
  @Get('first')
  @Public()
  @Deprecated({ since: '2026-01-01', sunset: '2027-07-01T12:00:00Z' })
  first(): ReceiptDto {
    return { id: uuidv7(), amount: 1, till: null, soldAt: this.clock.now() };
  }
}

/** A route that takes keys and doesn't know whose they are. */
@Controller('donations')
class DonationsController {
  /** Gives something. */
  @Post()
  @Public()
  @Idempotent()
  give(@Body() { amount }: SaleDto): ReceiptDto {
    return { id: uuidv7(), amount, till: null, soldAt: new Date() };
  }
}

@Module({ controllers: [DonationsController] })
export class DonationsModule {}

@Module({ controllers: [TillController] })
export class TillModule {}
