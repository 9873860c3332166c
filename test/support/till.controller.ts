import { Body, Controller, Module, Post, Query } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Idempotent } from '../../src/common/http/idempotent.js';
import { SignedIn } from '../../src/common/security/access.js';
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
}

@Module({ controllers: [TillController] })
export class TillModule {}
